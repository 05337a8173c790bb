/** Reports an invalid value: what was expected, what was given, and its index in a list. */
export type Fail = (expected: string, given: unknown, index?: number) => never

/** A kind of value that settings can have. */
export interface Kind<T> {
  /** The value for the texts of a flag, or for the text of a variable. What cannot be read is left for `check`. */
  read(texts: readonly string[]): unknown
  /** The value in its final form. Calls `fail` where it is invalid. */
  check(given: unknown, fail: Fail): T
}

const readLast = (texts: readonly string[]): unknown => texts.at(-1)

function readNumber(texts: readonly string[]): unknown {
  const text = texts.at(-1) ?? ''
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : text
}

function kind<T>(expected: string, isValid: (given: T) => boolean, read = readLast): Kind<T> {
  return { read, check: (given, fail) => (isValid(given as T) ? (given as T) : fail(expected, given)) }
}

export const text = (expected: string, pattern = /./) =>
  kind<string>(expected, (given) => typeof given === 'string' && pattern.test(given))

/** Text that can be sent as a bearer token (RFC 6750, section 2.1). */
export const bearerToken = text('letters, digits and . _ ~ + / - =', /^[A-Za-z0-9._~+/-]+=*$/)

export const oneOf = <const T extends string>(...values: readonly T[]) =>
  kind<T>(`one of ${values.join(', ')}`, (given) => values.includes(given))

export const wholeNumber = (from: number, to: number, of = '') =>
  kind<number>(
    `a whole number${of} from ${from} to ${to}`,
    (given) => Number.isInteger(given) && given >= from && given <= to,
    readNumber,
  )

/** A length of time in ms, of a day at most. */
export const duration = (from: number) => wholeNumber(from, 86_400_000, ' of ms')

export const share = kind<number>(
  'a number from 0.01 to 1',
  (given) => typeof given === 'number' && given >= 0.01 && given <= 1,
)

export const workerCount = kind<number | 'auto'>(
  'a whole number from 1 to 256, or auto',
  (given) => given === 'auto' || (Number.isInteger(given) && given >= 1 && given <= 256),
  readNumber,
)

const parseUrl = (given: unknown) => (typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined)

export const url = (expected: string, protocols: RegExp) =>
  kind<string>(expected, (given) => protocols.test(parseUrl(given)?.protocol ?? ''))

/** An origin as browsers send it, or `*`. One slash may follow it, as it does in an address bar. */
export const origin: Kind<string> = {
  read: readLast,
  check(given, fail) {
    if (given === '*') return given
    const parsed = parseUrl(given)
    if (parsed?.href === `${parsed?.origin}/` && /^https?:$/.test(parsed.protocol)) return parsed.origin
    return fail('an origin such as https://example.com, or *', given)
  },
}

/** Text, or an object whose keys are checked where it is used. */
export const textOrObject = <T extends string | object>(expected: string) =>
  kind<T>(expected, (given) => given !== '' && (typeof given === 'string' || isObject(given)))

/** A list. A text is a list of one. In a flag or a variable, commas separate the items. */
export function listOf<T>(item: Kind<T>, expected: string, minDistinct = 0): Kind<readonly T[]> {
  return {
    read: (texts) => texts.flatMap((text) => text.split(',')).flatMap((part) => part.trim() || []),
    check(given, fail) {
      const items = typeof given === 'string' ? [given] : given
      if (!Array.isArray(items) || items.length === 0) return fail(expected, given)
      const checked = items.map((one, i) => item.check(one, (what, got) => fail(what, got, i)))
      const isValid = minDistinct === 0 || new Set(checked).size === Math.max(checked.length, minDistinct)
      return isValid ? checked : fail(expected, given)
    },
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
