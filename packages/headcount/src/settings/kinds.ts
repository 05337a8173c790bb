import { readOrigin } from '@headcount/server'

/** Reports an invalid value: what was expected, what was given, and its index in a list. */
export type Fail = (expected: string, given: unknown, index?: number) => never

/** A kind of value that settings can have. */
export interface Kind<T> {
  /** The value for the texts of a flag, or for the text of a variable. An invalid text is left for `check`. */
  read(texts: readonly string[]): unknown
  /** The value in its final form. Calls `fail` if it is invalid. */
  check(given: unknown, fail: Fail): T
}

const readText = (texts: readonly string[]): unknown => texts.at(-1)

const readNumber = (texts: readonly string[]): unknown => {
  const text = texts.at(-1) ?? ''
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : text
}

/** @param toValid the value in its final form; undefined if it is invalid. */
const kind = <T>(expected: string, toValid: (given: unknown) => T | undefined, read = readText): Kind<T> => ({
  read,
  check: (given, fail) => toValid(given) ?? fail(expected, given),
})

export const textThat = (expected: string, isValid: (text: string) => boolean) =>
  kind(expected, (given) => (typeof given === 'string' && isValid(given) ? given : undefined))

export const text = (expected: string, pattern = /./) => textThat(expected, (given) => pattern.test(given))

export const oneOf = <const T extends string>(...values: readonly T[]) =>
  kind(`one of ${values.join(', ')}`, (given) => values.find((value) => value === given))

const numberFrom = (given: unknown, from: number, to: number) =>
  typeof given === 'number' && given >= from && given <= to ? given : undefined

const wholeFrom = (given: unknown, from: number, to: number) =>
  Number.isInteger(given) ? numberFrom(given, from, to) : undefined

export const wholeNumber = (from: number, to: number, of = '') =>
  kind(`a whole number${of} from ${from} to ${to}`, (given) => wholeFrom(given, from, to), readNumber)

/** A duration in ms; by default at most a day. */
export const duration = (from: number, to = 86_400_000) => wholeNumber(from, to, ' of ms')

export const share = kind('a number from 0.01 to 1', (given) => numberFrom(given, 0.01, 1))

export const workerCount = kind<number | 'auto'>(
  'a whole number from 1 to 256, or auto',
  (given) => (given === 'auto' ? given : wholeFrom(given, 1, 256)),
  readNumber,
)

const parseUrl = (given: unknown, protocols: RegExp) => {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined
  return url !== undefined && protocols.test(url.protocol) ? url : undefined
}

/** One that `fetch` accepts: of another one its errors quote the password. */
export const httpUrl = kind('an http or https URL without a name and a password', (given) => {
  const url = parseUrl(given, /^https?:$/)
  return url?.username === '' && url.password === '' ? String(given) : undefined
})

export const redisUrl: Kind<string> = {
  read: readText,
  check(given, fail) {
    const url = parseUrl(given, /^rediss?:$/) ?? fail('a redis:// or rediss:// URL', given)
    const { hostname, pathname, search, hash } = url
    if (hostname === '') fail('a host, as in redis://host:6379', given)
    const expected = 'only a database after the host, as in redis://user:password@host:6379/2, and %23 for #'
    return /^\/?\d*$/.test(pathname + search + hash) ? String(given) : fail(expected, given)
  },
}

export const origin = kind('an origin such as https://example.com or https://*.example.com, or *', (given) =>
  readOrigin(given)?.toLowerCase(),
)

/** Text, or an object whose keys are checked where it is used. */
export const textOrObject = <T extends string | object>(expected: string) =>
  kind(expected, (given) => (isObject(given) || (typeof given === 'string' && given) ? (given as T) : undefined))

/** A list. A text is a list of one. In a flag or a variable, commas separate the items. */
export const listOf = <T>(item: Kind<T>, expected: string, minDistinct = 0): Kind<readonly T[]> => ({
  read: (texts) => texts.flatMap((text) => text.split(',')).flatMap((part) => part.trim() || []),
  check(given, fail) {
    const items = typeof given === 'string' ? [given] : given
    if (!Array.isArray(items) || items.length === 0) return fail(expected, given)
    const checked = items.map((one, i) => item.check(one, (what, got) => fail(what, got, i)))
    const isValid = minDistinct === 0 || new Set(checked).size === Math.max(checked.length, minDistinct)
    return isValid ? checked : fail(expected, given)
  },
})

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
