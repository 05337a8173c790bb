import { HeadcountError, type Level, matchesPattern, type Topic } from '@headcount/core'

export interface WebhookOptions {
  /** Where to POST: https, or http if `allowPrivate` is set. */
  readonly url: string
  /** One secret, or two while one is replaced: `whsec_` and 24 to 64 bytes as base64. Each signs every request. */
  readonly secret: string | readonly string[]
  /** Patterns of the topics whose changes it receives: `video:*`. Default: all. */
  readonly topics?: readonly string[] | undefined
  /** Whether it receives `occupied` and `vacant`. Default: true. */
  readonly occupancy?: boolean | undefined
  /** How long, in ms, a topic must have been empty before it is vacant. Default: 5,000. */
  readonly vacantAfter?: number | undefined
  /**
   * Thresholds: it receives `above` once the count has reached `at`, and `below` once it is `down` or less. Default of
   * `down`: nine tenths of `at`.
   */
  readonly thresholds?: readonly (number | { readonly at: number; readonly down?: number | undefined })[] | undefined
  /** Whether addresses of private networks may be called, and http used. Default: false. */
  readonly allowPrivate?: boolean | undefined
}

/** A webhook whose options are valid. */
export interface Webhook {
  readonly url: URL
  /** The keys, decoded. */
  readonly keys: readonly Buffer[]
  readonly allowPrivate: boolean
  readonly levels: readonly Level[]
  matches(topic: Topic): boolean
}

export const defaultVacantAfter = 5_000
const maxVacantAfter = 86_400_000
const maxThresholds = 20

const names = ['url', 'secret', 'topics', 'occupancy', 'vacantAfter', 'thresholds', 'allowPrivate']

/**
 * Checks options.
 * @param name names them in errors: `webhooks[0]`.
 * @throws {HeadcountError} `bad_option`. No message contains a secret, or a part of the URL that may be one.
 */
export function webhookOf(options: WebhookOptions, name: string): Webhook {
  const expect = (isValid: boolean, key: string, expected: string): void => {
    if (!isValid) throw new HeadcountError('bad_option', `${name}.${key}: expected ${expected}`)
  }
  const { topics = ['*'], occupancy = true, vacantAfter = defaultVacantAfter, thresholds = [] } = options
  const { allowPrivate = false } = options
  const unknown = Object.keys(options).filter((key) => !names.includes(key))
  const lines = unknown.map((key) => `${name}.${key}: expected no such key; the keys are ${names.join(', ')}`)
  if (lines.length > 0) throw new HeadcountError('bad_option', lines.join('\n'))
  const url = typeof options.url === 'string' && URL.canParse(options.url) ? new URL(options.url) : undefined
  const protocols = allowPrivate ? ['https:', 'http:'] : ['https:']
  expect(url !== undefined && protocols.includes(url.protocol), 'url', allowPrivate ? 'an http or https URL' : httpsUrl)
  expect(url?.username === '' && url.password === '', 'url', 'a URL without a name and a password')
  const secrets = [options.secret].flat()
  const keys = secrets.map((secret) => keyOf(secret))
  expect(keys.length === 1 || keys.length === 2, 'secret', 'one secret, or two')
  expect(
    keys.every((key) => key !== undefined),
    'secret',
    '"whsec_" and 24 to 64 bytes as base64',
  )
  const arePatterns = Array.isArray(topics) && topics.every((one) => typeof one === 'string' && one !== '')
  expect(arePatterns && topics.length > 0, 'topics', 'a list of topic patterns')
  expect(typeof occupancy === 'boolean', 'occupancy', 'true or false')
  expect(typeof allowPrivate === 'boolean', 'allowPrivate', 'true or false')
  const isTime = Number.isInteger(vacantAfter) && vacantAfter >= 0 && vacantAfter <= maxVacantAfter
  expect(isTime, 'vacantAfter', `a whole number from 0 to ${maxVacantAfter}`)
  expect(
    Array.isArray(thresholds) && thresholds.length <= maxThresholds,
    'thresholds',
    `a list of up to ${maxThresholds}`,
  )
  const limits = thresholds.map((one) => (typeof one === 'number' ? { at: one } : one))
  const passed = limits.map(({ at, down = Math.floor(at * 0.9) }) => ({ up: at, down, delay: 0 }))
  for (const { up, down } of passed) {
    const isLevel = Number.isInteger(up) && Number.isInteger(down) && up >= 2 && down >= 0 && down < up
    expect(isLevel, 'thresholds', 'whole numbers of at least 2, or { at, down } with down below at')
  }
  expect(new Set(passed.map(({ up }) => up)).size === passed.length, 'thresholds', 'different numbers')
  expect(occupancy || passed.length > 0, 'thresholds', 'a threshold where occupancy is false')
  const occupied = occupancy ? [{ up: 1, down: 0, delay: vacantAfter }] : []
  return {
    ...{ url: url!, keys: keys as Buffer[], allowPrivate, levels: [...occupied, ...passed] },
    matches: (topic) => topics.some((pattern) => matchesPattern(pattern, topic)),
  }
}

const httpsUrl = 'an https URL; allowPrivate allows http'

function keyOf(secret: unknown): Buffer | undefined {
  const [, text] = (typeof secret === 'string' && /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)) || []
  const key = Buffer.from(text ?? '', 'base64')
  return key.length >= 24 && key.length <= 64 ? key : undefined
}
