/** Whether a value has a shape. */
type Check = (value: unknown) => boolean

const number: Check = Number.isFinite
const text: Check = (value) => typeof value === 'string'
const list =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(each)
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const object =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false
    return Object.entries(checks).every(([key, check]) => check((value as Record<string, unknown>)[key]))
  }
const numbers = (...names: string[]) => Object.fromEntries(names.map((name) => [name, number]))

const totals = list(number)
const shows = object({
  ...{ known: totals, settled: totals, shown: totals, sent: totals, settlesIn: orNull(number) },
  ...numbers('settle', 'shield', 'subscribers', 'slow'),
  lastFlush: orNull(object(numbers('ago', 'subscribers'))),
})

/** Whether an answer to a question of this name can be used: replicas of other versions may give another one. */
export const isAnswer = {
  topic: object({
    tracked: orAbsent(object({ counts: totals, people: totals, ...numbers('channels', 'severalChannels') })),
    shows: orAbsent(shows),
    sockets: object(numbers('counted', 'observers', 'hidden', 'presencesPerUser', 'presencesPerAddress')),
  }),
  busiest: object({ topics: list(object({ topic: text, ...numbers('value', 'joins') })), others: number }),
  status: object({
    ...{ host: text, version: text, joins: orNull(number), staleness: orNull(number), trouble: orNull(text) },
    refused: list(object({ counter: text, code: text, times: number })),
    ...numbers('pid', 'uptime', 'sockets', 'channels', 'observers', 'streams', 'topics', 'lag'),
  }),
  secret: text,
} as const satisfies Record<string, Check>
