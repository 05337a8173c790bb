import { parseArgs } from 'node:util'
import { didYouMean, HeadcountError } from '@headcount/core'

/** One flag of a command. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string
  /** What stands for its value in the help; a flag without one is a switch. */
  readonly value?: string
  /** May be given several times, or once with commas. */
  readonly many?: boolean
  readonly help: string
}

/** What was given: a text, the texts of a flag that may be given several times, or true for a switch. */
export type FlagValues = Readonly<Record<string, string | readonly string[] | true>>

/**
 * Reads flags, and nothing but flags, in the forms `--name value` and `--name=value`. Of a flag that is given twice the
 * last one counts.
 * @throws {HeadcountError} `bad_setting` where a flag is unknown or has no value, or has one and is a switch.
 */
export function parseFlags(flags: readonly Flag[], args: readonly string[]): FlagValues {
  const known = new Map(flags.map((flag) => [flag.name, flag]))
  const options = Object.fromEntries(
    flags.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const values: Record<string, string | readonly string[] | true> = {}
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw bad(`expected flags, got ${JSON.stringify(token.value)}`)
    const flag = known.get(token.name)
    if (flag === undefined) throw unknown(token.name, token.rawName, known.keys())
    const value = givenTo(flag, token.value, token.inlineValue ?? false)
    const before = values[flag.name]
    values[flag.name] =
      flag.many && typeof value === 'string' ? [...(Array.isArray(before) ? before : []), ...split(value)] : value
  }
  return values
}

/** The parts of a list that is given in one text. */
export function split(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function givenTo({ name, value }: Flag, given: string | undefined, inline: boolean): string | true {
  if (value === undefined) {
    if (given !== undefined) throw bad(`--${name}: expected no value, got one`)
    return true
  }
  if (given === undefined || given === '') throw bad(`--${name}: expected ${value}, got nothing`)
  if (!inline && /^-\D/.test(given)) throw bad(`--${name}: expected ${value}, got the flag ${given.split('=')[0]}`)
  return given
}

/** Names the flag only: what follows may be a secret. */
function unknown(name: string, written: string, known: Iterable<string>): HeadcountError {
  if (/secret|password|token|key$/i.test(name)) {
    return bad(
      `expected a flag that headcount knows, got ${written}: secrets are not given as flags, which every process list shows, but in the environment (HEADCOUNT_JWT_SECRET, HEADCOUNT_SECRET, HEADCOUNT_OPERATOR_KEY)`,
    )
  }
  return bad(`expected a flag that headcount knows, got ${written}${didYouMean(name, known, (found) => `--${found}`)}`)
}

function bad(message: string): HeadcountError {
  return new HeadcountError('bad_setting', message)
}
