import { maxSettle } from '@headcount/core'
import { z } from 'zod'
import { logLevels } from '../log.js'

// The message of each schema says what is expected, as it reads after that word.

const text = (expected: string) => z.string(expected).min(1, expected)
const whole = (from: number, to: number, expected = `a whole number from ${from} to ${to}`) =>
  z.int(expected).min(from, expected).max(to, expected)
const aShare = 'a number from 0.01 to 1'
const oneOf = <const T extends readonly string[]>(values: T) => z.enum(values, `one of ${values.join(', ')}`)

/** A list that may be given as its only item. */
const listOf = <T extends z.ZodType>(item: T, expected: string) =>
  z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(item, expected).min(1, expected))

const url = (protocols: RegExp, expected: string) =>
  text(expected).refine((given) => URL.canParse(given) && protocols.test(new URL(given).protocol), expected)

const anOrigin = 'an origin such as https://example.com, or *'
const origin = text(anOrigin)
  .refine((given) => given === '*' || isOrigin(given), anOrigin)
  .transform((given) => (given === '*' ? given : new URL(given).origin))

/** Nothing may follow the host and port but the one slash that people paste along. */
function isOrigin(given: string): boolean {
  return /^https?:/i.test(given) && URL.canParse(given) && new URL(given).href === `${new URL(given).origin}/`
}

const unit = oneOf(['connections', 'people'])
const settle = whole(0, maxSettle)
const duration = (from: number) => whole(from, 86_400_000, `a whole number of ms from ${from} to 86400000`)

const topic = z.preprocess(
  (given) => (typeof given === 'string' ? { pattern: given } : given),
  z.strictObject(
    {
      pattern: text('a topic pattern such as video:*'),
      unit: unit.exactOptional(),
      settle: settle.exactOptional(),
      access: oneOf(['everyone', 'users']).exactOptional(),
    },
    'a topic pattern such as video:*, or an object with one',
  ),
)

const someWorkers = 'a whole number from 1 to 256, or auto'
const groupNames = 'a list of two or more different names'

/** The sections of the file that are objects of their own. */
export const sections = {
  auth: z.strictObject(
    {
      secret: text('a secret').exactOptional(),
      jwksUrl: url(/^https?:$/, 'an http or https URL').exactOptional(),
      claim: text('the name of a claim').exactOptional(),
      issuer: text('the name of an issuer').exactOptional(),
      audience: text('the name of an audience').exactOptional(),
      invalidToken: oneOf(['viewer', 'reject']).exactOptional(),
    },
    'an object',
  ),
  limits: z.strictObject(
    {
      topicsPerSocket: whole(1, 100_000).exactOptional(),
      heartbeat: duration(100).exactOptional(),
      frameBytes: whole(256, 16_777_216).exactOptional(),
      topicBytes: whole(1, 4_096).exactOptional(),
      backlogBytes: whole(1_024, 1_073_741_824).exactOptional(),
      messagesPerSecond: whole(1, 1_000_000).exactOptional(),
    },
    'an object',
  ),
  flush: z.strictObject(
    {
      minimum: whole(0, 60_000).exactOptional(),
      maximum: whole(1, 60_000).exactOptional(),
      framesPerSecond: whole(1, 100_000_000).exactOptional(),
      share: z.number(aShare).min(0.01, aShare).max(1, aShare).exactOptional(),
    },
    'an object',
  ),
}

/** What each source of settings may give: the file all of it, flags and the environment a part. No defaults here. */
export const configSchema = z.strictObject(
  {
    port: whole(0, 65_535).exactOptional(),
    host: text('a host name or an address').exactOptional(),
    redis: listOf(url(/^rediss?:$/, 'a redis:// or rediss:// URL'), 'one or more Redis URLs').exactOptional(),
    workers: z.union([whole(1, 256, someWorkers), z.literal('auto')], someWorkers).exactOptional(),
    topics: listOf(topic, 'one or more topic patterns').exactOptional(),
    unit: unit.exactOptional(),
    settle: settle.exactOptional(),
    groups: z
      .array(text('the name of a group'), groupNames)
      .min(2, groupNames)
      .max(16, groupNames)
      .refine((names) => new Set(names).size === names.length, groupNames)
      .exactOptional(),
    lease: duration(100).exactOptional(),
    secret: text('a secret').exactOptional(),
    operatorKey: text('a key').exactOptional(),
    origins: listOf(origin, 'one or more origins such as https://example.com, or *').exactOptional(),
    demo: z.boolean('true or false').exactOptional(),
    demoUrl: url(/^wss?:$/, 'a ws:// or wss:// URL').exactOptional(),
    logLevel: oneOf(logLevels).exactOptional(),
    auth: sections.auth.exactOptional(),
    limits: sections.limits.exactOptional(),
    flush: sections.flush.exactOptional(),
  },
  'an object',
)

/** Settings as one source gave them, each valid by itself. */
export type Config = z.output<typeof configSchema>

const topicKeys = ['pattern', 'unit', 'settle', 'access']

/** The keys that may stand at a place of the file; none where no object may stand there. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first] = path
  if (first === undefined) return Object.keys(configSchema.shape)
  if (first === 'topics') return topicKeys
  return Object.hasOwn(sections, first) ? Object.keys(sections[first as keyof typeof sections].shape) : []
}
