import type { EffectiveSetting } from '@headcount/server'
import { complete, type Settings } from './complete.js'
import { readConfigFile } from './config-file.js'
import { type Setting, settings as table, type Values } from './definitions.js'
import type { FlagValues } from './flags.js'
import { configFlag } from './setting-flags.js'
import { format, SettingsErrors } from './settings-errors.js'
import { configVariable, type Env, fromEnv, fromFile, fromFlags } from './sources.js'

export interface SettingSources {
  readonly flags: FlagValues
  readonly env: Env
  /** The folder of the config file. */
  readonly cwd: string
}

/**
 * Reads the settings. A flag wins over the environment; both win over the config file. Only the effective value is
 * checked.
 * @throws {HeadcountError} `bad_setting`, with a line for each error: the setting's name in its source, what was
 * expected, and the value. A secret is never shown.
 */
export async function loadSettings({ flags, env, cwd }: SettingSources): Promise<Settings> {
  const errors = new SettingsErrors()
  const path = flags.get(configFlag.name)?.at(-1)
  const asked = path === undefined ? { path: env[configVariable], by: configVariable } : { path, by: '--config' }
  const file = await readConfigFile(cwd, asked)
  const given = { ...(file && fromFile(file, errors)), ...fromEnv(env, errors), ...fromFlags(flags) }
  const values: Record<string, unknown> = {}
  const effective: EffectiveSetting[] = []
  for (const setting of table) {
    const { path } = setting
    const one = given[path]
    const value = one === undefined ? setting.default : errors.check(setting, one)
    const [key = '', inner] = path.split('.')
    values[key] = inner === undefined ? value : { ...(values[key] as object | undefined), [inner]: value }
    effective.push({ path, value: shown(setting, value), source: one?.name() ?? 'default' })
  }
  errors.throwIfAny()
  const nameOf = (path: string): string => given[path]?.name() ?? path
  const settings = await complete(values as unknown as Values, nameOf, errors.warnings)
  return { ...settings, effective, configFile: file?.name }
}

function shown({ secret, help }: Setting, value: unknown): string {
  if (value === undefined) return `(${/\(([^)]+)\)$/.exec(help)?.[1] ?? 'not set'})`
  return secret ? '(set, not shown)' : format(value)
}
