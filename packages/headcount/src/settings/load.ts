import { HeadcountError } from '@headcount/core'
import { fromFile } from './file.js'
import type { FlagValues } from './flags.js'
import { configPath, fromEnv, fromFlags, type Given } from './given.js'
import { check } from './problems.js'
import type { Config } from './schema.js'
import { complete, type Settings } from './settings.js'

export interface SettingSources {
  readonly flags: FlagValues
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder in which a config file is looked for. */
  readonly cwd: string
}

/**
 * Reads the settings: a flag wins over the environment, both win over the config file.
 * @throws {HeadcountError} `bad_setting`, with a line for each setting that is wrong: its name as it was given, what
 * was expected, what was got. Secrets are never in it. A setting is checked even where another source wins over it.
 */
export async function loadSettings(sources: SettingSources): Promise<Settings> {
  const { flags, env, cwd } = sources
  const layers = [await fromFile(cwd, configPath(flags, env)), fromEnv(env), fromFlags(flags)]
  const checked = layers.map((layer) => check(layer.values, layer.label))
  const problems = checked.flatMap((one) => one.problems)
  if (problems.length > 0) throw new HeadcountError('bad_setting', problems.join('\n'))
  const config = merge(checked.flatMap((one) => ('config' in one ? [one.config] : [])))
  return complete(config, (path) => giver(layers, path))
}

/** The later wins. Whole settings are replaced; only `auth`, `limits` and `flush` hold settings of their own. */
function merge(configs: readonly Config[]): Config {
  const all: Config = Object.assign({}, ...configs)
  for (const section of ['auth', 'limits', 'flush'] as const) {
    const parts = configs.map((config) => config[section])
    if (parts.some((part) => part !== undefined)) Object.assign(all, { [section]: Object.assign({}, ...parts) })
  }
  return all
}

/** How the winner of a setting was given. */
function giver(layers: readonly Given[], path: string): string | undefined {
  const keys = path.split('.')
  const winner = layers.findLast(({ values }) => {
    const [first, second] = keys
    const value = values[first!]
    return second === undefined ? value !== undefined : Object.hasOwn((value ?? {}) as object, second)
  })
  return winner?.label(keys)
}
