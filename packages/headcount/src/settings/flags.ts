import { parseArgs } from 'node:util'
import { didYouMean } from '@headcount/core'
import { argumentText, badSetting } from './settings-errors.js'

export interface Flag {
  /** Without the dashes. */
  readonly name: string
  /** Stands for the value in the help. A flag without it takes none. */
  readonly value?: string
  readonly help: string
}

/** The texts given to each flag, in order; none for a flag that takes none. */
export type FlagValues = ReadonlyMap<string, readonly string[]>

/**
 * The flags of a command without other arguments.
 * @throws {HeadcountError} `bad_setting` if an argument is not a flag, and as `parseArguments`.
 */
export function parseFlags(flags: readonly Flag[], args: readonly string[]): FlagValues {
  const { values, rest } = parseArguments(flags, args)
  if (rest[0] !== undefined) throw badSetting(`expected flags, got ${argumentText(rest[0])}`)
  return values
}

/**
 * Parses `--name value` and `--name=value`. Other arguments are the rest.
 * @throws {HeadcountError} `bad_setting` if a flag is unknown, or has no value but takes one.
 */
export function parseArguments(
  flags: readonly Flag[],
  args: readonly string[],
): { readonly values: FlagValues; readonly rest: readonly string[] } {
  const known = new Map(flags.map((flag) => [flag.name, flag]))
  const options = Object.fromEntries(
    flags.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const values = new Map<string, readonly string[]>()
  const rest: string[] = []
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      rest.push(token.value)
      continue
    }
    const flag = known.get(token.name)
    if (flag === undefined) throw unknownFlag(token.name, token.rawName, known.keys())
    const { name, value } = flag
    const given = token.value
    if (value === undefined) {
      if (given !== undefined) throw badSetting(`--${name}: expected no value, got ${argumentText(given)}`)
      values.set(name, [])
      continue
    }
    if (!given) throw badSetting(`--${name}: expected ${value}, got nothing`)
    if (!token.inlineValue && /^-\D/.test(given))
      throw badSetting(`--${name}: expected ${value}, got the flag ${given.split('=')[0]}`)
    values.set(name, [...(values.get(name) ?? []), given])
  }
  return { values, rest }
}

/** Names the flag only: its value may be a secret. */
function unknownFlag(name: string, written: string, known: Iterable<string>): Error {
  const hint = /secret|password|token|key$/i.test(name)
    ? '; secrets are not given as flags, which every process list shows, but in the environment ' +
      '(HEADCOUNT_JWT_SECRET, HEADCOUNT_SECRET, HEADCOUNT_OPERATOR_KEY, HEADCOUNT_TOKEN)'
    : didYouMean(name, known, (found) => `--${found}`)
  return badSetting(`expected a known flag, got ${written}${hint}`)
}
