import type { Group } from '@headcount/protocol'
import { maxClientId } from '../client-id.js'
import { badgeColors, maxLabel } from './badge.js'
import type { ReadOptions } from './check-topics.js'
import { maxTopics } from './counts.js'
import { maxRange } from './history-range.js'
import { object, type Schema } from './json-schema.js'
import { defaultLimit, maxLimit } from './operator-routes.js'
import { operatorSchemas } from './operator-schemas.js'
import { type ProblemCode, problems } from './problem.js'
import { type RouteName, routes } from './routes.js'

/** One route. Each also answers `malformed_url`, `method_not_allowed` and `internal`, if they may occur. */
interface Operation {
  readonly summary: string
  readonly parameters?: readonly Schema[]
  /** The schema of a 200, by content type. */
  readonly ok: Readonly<Record<string, Schema>>
  /** Whether a 200 has an `ETag`, and is a 304 for a request that has it. */
  readonly isCached?: boolean
  readonly security?: readonly Schema[]
  readonly errors: readonly ProblemCode[]
}

const json = (schema: Schema) => ({ 'application/json': schema })
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const text = (extra: Schema = {}): Schema => ({ type: 'string', ...extra })

/** The description of every route, in OpenAPI 3.1. Its paths and codes come from the server's code. */
export function openApi({ groups, maxTopicBytes }: Pick<ReadOptions, 'groups' | 'maxTopicBytes'>): Schema {
  // JSON Schema counts characters; each has at least one byte.
  const topic = text({ minLength: 1, maxLength: maxTopicBytes })
  const operations = operationsOf(topic, groups)
  const paths = Object.entries(operations).map(([name, operation]) => [
    routes[name as RouteName].replace(':topic', '{topic}'),
    { get: describe(name, operation) },
  ])
  return {
    openapi: '3.1.0',
    info: { title: 'Headcount', version: '1', description: 'Live, anonymous counts of the people in every channel.' },
    paths: Object.fromEntries(paths),
    components: {
      schemas: {
        Count: object(
          {
            count: { type: 'integer', minimum: 0 },
            below: { type: 'integer', minimum: 2, description: 'The count is below this number, and not shown.' },
          },
          ['below'],
        ),
        Counts: object(Object.fromEntries(groups.map((group) => [group, ref('Count')]))),
        TopicCounts: object({ topic, counts: ref('Counts') }),
        ...historySchemas(groups, topic),
        TopicProblem: object({ topic: text(), error: ref('Problem') }),
        Problem: object({ code: text({ enum: Object.keys(problems) }), message: text() }),
        Error: object({ error: ref('Problem') }),
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The token of a client, as for its socket.' },
        tokenParameter: { type: 'apiKey', in: 'query', name: 'token' },
        operatorKey: { type: 'http', scheme: 'bearer', description: 'The key of the operator.' },
      },
    },
  }
}

function operationsOf(topic: Schema, groups: readonly Group[]): Readonly<Record<RouteName, Operation>> {
  const inPath: Schema = { name: 'topic', in: 'path', required: true, description: 'The topic.', schema: topic }
  const inQuery: Schema = {
    ...{ name: 'topic', in: 'query', required: true, style: 'form', explode: true },
    description: 'The topics. Also topic[]=a and, with commas that are not encoded, topic=a,b.',
    schema: { type: 'array', items: topic, minItems: 1, maxItems: maxTopics },
  }
  const whether = text({ enum: ['true', 'false'], default: 'false' })
  const counted = [
    queryParameter('count', 'Whether the reader is a presence while the stream is open.', whether),
    queryParameter('client_id', 'Identifies a counted viewer as one person.', text({ maxLength: maxClientId })),
  ]
  const token = { security: [{}, { token: [] }, { tokenParameter: [] }] }
  const ofTopic: readonly ProblemCode[] = [
    ...(['malformed_url', 'invalid_topic', 'unauthorized', 'invalid_token', 'forbidden'] as const),
    ...(['unmatched_topic', 'overloaded', 'unavailable'] as const),
  ]
  const ofTopics: readonly ProblemCode[] = [...ofTopic, 'missing_topic', 'too_many_topics']
  const badge = {
    parameters: [
      inPath,
      queryParameter('label', 'The text on the left.', text({ minLength: 1, maxLength: maxLabel, default: 'online' })),
      queryParameter('labelColor', 'Its color.', text({ enum: badgeColors, default: 'grey' })),
      queryParameter('color', 'The color of the count.', text({ enum: badgeColors, default: 'blue' })),
      queryParameter('group', 'The group to show; by default the sum of all.', text({ enum: groups })),
    ],
    ...{ ...token, isCached: true, errors: [...ofTopic, 'invalid_badge', 'no_badge'] as const },
  }
  const ofStream: readonly ProblemCode[] = [
    ...(['invalid_count', 'invalid_client_id', 'origin', 'too_many_of_address', 'too_many_streams'] as const),
  ]
  const forOperators = (errors: readonly ProblemCode[], ok: Operation['ok']) => ({
    ...{ security: [{ operatorKey: [] }], ok },
    errors: [...errors, 'unauthorized', 'too_many_keys', 'foreign_host'] as const,
  })
  const schemas = operatorSchemas(groups, topic)
  const script = { ok: { 'text/javascript': text() }, isCached: true, errors: ['not_found'] as const }
  const events = (data: string): Operation['ok'] => ({
    'text/event-stream': text({ description: `Server-Sent Events. The data of each is ${data}, as JSON.` }),
  })
  return {
    counts: {
      ...{ summary: 'The counts of topics', parameters: [inQuery], ...token, isCached: true, errors: ofTopics },
      ok: json(
        object(
          {
            counts: { type: 'object', additionalProperties: ref('Counts') },
            errors: { type: 'object', additionalProperties: ref('Problem') },
          },
          ['errors'],
        ),
      ),
    },
    streams: {
      ...{ summary: 'The counts of topics, live', parameters: [inQuery, ...counted], ...token },
      ...{ ok: events('a TopicCounts or a TopicProblem'), errors: [...ofTopics, ...ofStream] },
    },
    topic: {
      ...{ summary: 'The counts of a topic', parameters: [inPath], ...token, isCached: true },
      ...{ ok: json(ref('TopicCounts')), errors: ofTopic },
    },
    stream: {
      ...{ summary: 'The counts of a topic, live', parameters: [inPath, ...counted], ...token },
      ...{ ok: events('a Counts'), errors: [...ofTopic, 'too_many_topics', ...ofStream] },
    },
    history: {
      ...{ summary: 'The counts of a topic over the last day', parameters: [inPath, ...historyParameters] },
      security: [...token.security, { operatorKey: [] }],
      ok: { ...json(ref('History')), 'text/csv': text({ description: 'The points, one per row.' }) },
      errors: [...ofTopic, 'invalid_range', 'no_history'],
    },
    openApi: { summary: 'This description', ok: json({ type: 'object' }), isCached: true, errors: [] },
    element: { summary: 'The element <head-count>', ...script },
    elementStreams: { summary: 'The part of the element for Server-Sent Events', ...script },
    badge: { summary: 'A badge with the count of a topic', ...badge, ok: { 'image/svg+xml': text() } },
    badgeEndpoint: {
      ...{ summary: "The same, for shields.io's endpoint badge", ...badge },
      ok: json(
        object({
          ...{ schemaVersion: { const: 1 }, label: text(), message: text(), labelColor: text({ enum: badgeColors }) },
          ...{ color: text({ enum: badgeColors }), cacheSeconds: { type: 'integer' } },
        }),
      ),
    },
    live: { summary: 'Whether the process runs', ok: json(object({ status: { const: 'ok' } })), errors: [] },
    ready: {
      ...{ summary: 'Whether the server may get new sockets', errors: ['not_ready'] },
      ok: json(object({ status: { const: 'ready' } })),
    },
    metrics: { summary: 'Metrics for Prometheus', ...forOperators(['internal'], { 'text/plain': text() }) },
    busiest: {
      summary: 'The busiest topics of the cluster, with their true counts',
      parameters: [
        queryParameter('sort', 'By count, or joins per second.', text({ enum: ['count', 'joins'], default: 'count' })),
        queryParameter('prefix', 'Only topics that begin with it.', text({ default: '' })),
        queryParameter('limit', 'Maximum topics of a page.', {
          ...{ type: 'integer', minimum: 1, maximum: maxLimit, default: defaultLimit },
        }),
        queryParameter('cursor', 'The `next` of the previous page.', text()),
      ],
      ...forOperators(['malformed_url', 'invalid_parameter', 'unavailable'], json(schemas.busiest)),
    },
    explained: {
      ...{ summary: 'An explanation of the count of a topic', parameters: [inPath] },
      ...forOperators(
        ['malformed_url', 'invalid_topic', 'unmatched_topic', 'unsupported', 'unavailable'],
        json(schemas.explained),
      ),
    },
    replicas: {
      summary: 'The replicas of the cluster, with the ages of their leases',
      ...forOperators(['unavailable'], json(schemas.replicas)),
    },
    settings: {
      summary: 'The settings of the server, without secrets',
      ...forOperators(['no_settings'], json(schemas.settings)),
    },
    dashboard: { summary: "The operator's page", ok: { 'text/html': text() }, isCached: true, errors: [] },
  }
}

/** Shapes of histories. Times are in ms since 1970, lengths in ms. */
function historySchemas(groups: readonly Group[], topic: Schema): Readonly<Record<string, Schema>> {
  const time: Schema = { type: 'integer', description: 'In ms since 1970.' }
  const orNull = (type: string, description: string): Schema => ({ type: [type, 'null'], description })
  const parts = {
    known: { type: 'integer', minimum: 0, description: 'How much of the time, in ms, was recorded.' },
    total: ref('Figures'),
    groups: object(Object.fromEntries(groups.map((group) => [group, ref('Figures')]))),
  }
  return {
    Figures: object({
      peak: orNull('integer', 'The highest count; null without data.'),
      peakAt: orNull('integer', 'When it was reached first, in ms since 1970.'),
      average: orNull('number', 'The average count over the recorded time.'),
      personMinutes: orNull('number', 'The sum of the times of all presences, in minutes.'),
    }),
    HistoryPoint: object({ at: time, ...parts }),
    History: object({
      ...{ topic, from: time, to: time, step: { type: 'integer' } },
      wholeFrom: orNull('integer', 'Since when there is no gap, in ms since 1970; null if there is one now.'),
      ...parts,
      points: { type: 'array', items: ref('HistoryPoint') },
    }),
  }
}

const time: Schema = { oneOf: [{ type: 'integer' }, { type: 'string', format: 'date-time' }] }
const historyParameters = [
  queryParameter('from', 'ms since 1970, or ISO 8601; by default an hour before `to`.', time),
  queryParameter('to', 'The same; by default now.', time),
  queryParameter('step', 'Length of a point, in ms.', {
    ...{ type: 'integer', minimum: 60_000, maximum: maxRange, multipleOf: 60_000, default: 60_000 },
  }),
]

function queryParameter(name: string, description: string, schema: Schema): Schema {
  return { name, in: 'query', description, schema }
}

function describe(name: string, { summary, parameters, security, ok, isCached = false, errors }: Operation): Schema {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of [...errors, 'method_not_allowed', 'internal'] as const) {
    const codes = byStatus.get(problems[code]) ?? []
    if (!codes.includes(code)) byStatus.set(problems[code], [...codes, code])
  }
  return {
    ...{ operationId: name, summary, ...(parameters && { parameters }), ...(security && { security }) },
    responses: {
      200: { description: summary, content: contentOf(ok) },
      ...(isCached && { 304: { description: 'The client has it already' } }),
      ...Object.fromEntries(
        [...byStatus].map(([status, codes]) => [
          status,
          { description: codes.join(', '), content: contentOf(json(ref('Error'))) },
        ]),
      ),
    },
  }
}

function contentOf(schemas: Operation['ok']): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]))
}
