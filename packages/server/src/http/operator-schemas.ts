import type { Group } from '@headcount/protocol'
import { object, type Schema } from './json-schema.js'

const integer = { type: 'integer' }
const natural = { type: 'integer', minimum: 0 }
const number = { type: 'number', minimum: 0 }
const text = { type: 'string' }
const list = (items: Schema): Schema => ({ type: 'array', items })
const orNull = (type: string): Schema => ({ type: [type, 'null'] })
const all = (names: readonly string[], schema: Schema) => Object.fromEntries(names.map((name) => [name, schema]))

/** JSON Schemas of the responses to operators. `operator-source.ts` describes them. */
export function operatorSchemas(groups: readonly Group[], topic: Schema) {
  const byGroup = object(all(groups, natural))
  const difference = object(all(groups, integer))
  const replica = { replica: text, isAsked: { type: 'boolean' } }
  const shows = object({
    ...{ counts: byGroup, ...all(['unreceived', 'held', 'shield', 'unsent'], difference) },
    ...{ settle: natural, settlesIn: orNull('integer'), step: natural, subscribers: natural, slow: natural },
    lastFlush: { anyOf: [{ type: 'null' }, object({ ago: natural, subscribers: natural })] },
  })
  const own = object({
    uncommitted: object({ connections: difference, people: integer }),
    ...{ presences: natural, channels: natural, others: integer },
    people: object(all(['size', 'presences', 'several'], natural)),
    sockets: object(all(['counted', 'observers', 'hidden', 'presencesPerUser', 'presencesPerAddress'], natural)),
    shows: { anyOf: [{ type: 'null' }, shows] },
  })
  const part = object({
    ...{ ...replica, leaseAge: orNull('integer'), connections: byGroup, people: natural },
    own: { anyOf: [{ type: 'null' }, own] },
  })
  const status = object({
    ...{ host: text, pid: natural, version: text, uptime: natural },
    ...all(['sockets', 'channels', 'observers', 'streams', 'topics', 'lag'], natural),
    ...{ joins: orNull('integer'), staleness: orNull('integer'), trouble: orNull('string') },
    refused: list(object({ counter: text, code: text, times: natural })),
  })
  return {
    busiest: object({
      topics: list(object({ topic, count: natural, counts: byGroup, joins: number })),
      ...{ othersAtMost: number, unanswered: list(text), next: orNull('string') },
    }),
    explained: object({
      ...{ topic, pattern: text, unit: { enum: ['connections', 'people'] } },
      ...{ totals: byGroup, connections: byGroup, people: difference, duplicates: integer },
      ...{ replicas: list(part), unanswered: list(text), sums: list(text) },
    }),
    settings: object({ settings: list(object({ path: text, value: text, source: text })) }),
    replicas: object({
      ...{ lease: natural, isReachable: { type: 'boolean' } },
      replicas: list(object({ ...replica, leaseAge: integer, status: { anyOf: [{ type: 'null' }, status] } })),
    }),
  }
}
