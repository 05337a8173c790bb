import { complete, type Settings } from './complete.js'
import { readConfigFile } from './config-file.js'
import { settings as table, type Values } from './definitions.js'
import { effectiveSettings } from './effective.js'
import type { FlagValues } from './flags.js'
import { configFlag } from './setting-flags.js'
import { SettingsErrors } from './settings-errors.js'
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
  for (const setting of table) {
    const one = given[setting.path]
    const value = one === undefined ? setting.default : errors.check(setting, one)
    const [key = '', inner] = setting.path.split('.')
    values[key] = inner === undefined ? value : { ...(values[key] as object | undefined), [inner]: value }
  }
  errors.throwIfAny()
  const sourceOf = (path: string): string | undefined => given[path]?.name()
  const all = values as unknown as Values
  const settings = await complete(all, (path) => sourceOf(path) ?? path, errors.warnings)
  return { ...settings, effective: effectiveSettings(all, sourceOf), configFile: file?.name }
}
