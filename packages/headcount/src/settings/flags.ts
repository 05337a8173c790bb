import { parseArgs } from 'node:util'
import { didYouMean } from '@headcount/core'
import { describe, settings } from './definitions.js'
import { badSetting } from './settings-errors.js'

/** A flag of a command. Every flag takes a value. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string
  /** Stands for the value in the help. */
  readonly value: string
  readonly help: string
}

/** The flags of settings. */
export const settingFlags: readonly Flag[] = settings.flatMap((setting) => {
  const { flag: name, value } = setting
  return name === undefined || value === undefined ? [] : [{ name, value, help: describe(setting) }]
})

export const configFlag: Flag = { name: 'config', value: 'PATH', help: 'the config file' }

/** The texts given to each flag, in order. */
export type FlagValues = ReadonlyMap<string, readonly string[]>

/**
 * Parses `--name value` and `--name=value`.
 * @throws {HeadcountError} `bad_setting` where a flag is unknown or has no value, or an argument is not a flag.
 */
export function parseFlags(flags: readonly Flag[], args: readonly string[]): FlagValues {
  const known = new Map(flags.map((flag) => [flag.name, flag]))
  const options = Object.fromEntries(flags.map(({ name }) => [name, { type: 'string' } as const]))
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const values = new Map<string, readonly string[]>()
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw badSetting(`expected flags, got ${JSON.stringify(token.value)}`)
    const flag = known.get(token.name)
    if (flag === undefined) throw unknownFlag(token.name, token.rawName, known.keys())
    const { name, value } = flag
    const given = token.value
    if (!given) throw badSetting(`--${name}: expected ${value}, got nothing`)
    if (!token.inlineValue && /^-\D/.test(given))
      throw badSetting(`--${name}: expected ${value}, got the flag ${given.split('=')[0]}`)
    values.set(name, [...(values.get(name) ?? []), given])
  }
  return values
}

/** Names the flag only: its value may be a secret. */
function unknownFlag(name: string, written: string, known: Iterable<string>): Error {
  const hint = /secret|password|token|key$/i.test(name)
    ? '; secrets are not given as flags, which every process list shows, but in the environment ' +
      '(HEADCOUNT_JWT_SECRET, HEADCOUNT_SECRET, HEADCOUNT_OPERATOR_KEY)'
    : didYouMean(name, known, (found) => `--${found}`)
  return badSetting(`expected a known flag, got ${written}${hint}`)
}
