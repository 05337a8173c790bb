import type { Clock } from '@headcount/core'
import { encodeCounts, type Group } from '@headcount/protocol'
import type { Context, Hono } from 'hono'
import { OpenStreams } from './open-streams.js'
import { problem } from './problem.js'
import { routes } from './routes.js'
import type { CountsSource } from './source.js'
import { countsStream } from './stream.js'

/** Most topics in one request. */
const maxTopics = 100

export interface CountsOptions {
  readonly source: CountsSource
  readonly groups: readonly Group[]
  readonly clock: Clock
  /** Longest topic, in bytes of UTF-8. */
  readonly maxTopicBytes: number
  /** Most streams that may be open at a time. */
  readonly maxStreams: number
  /** Receives what `source.read` threw. */
  report(error: unknown, route: string): void
}

/** Adds the routes that read counts. Returns the streams that are open. */
export function addCountsRoutes(app: Hono, options: CountsOptions): OpenStreams {
  const { source, groups, clock } = options
  const streams = new OpenStreams(options.maxStreams)

  const read = async (topics: readonly string[]): Promise<string[] | undefined> => {
    try {
      return (await source.read(topics)).map((totals) => encodeCounts(groups, totals))
    } catch (error) {
      options.report(error, `GET ${routes.counts}`)
      return undefined
    }
  }

  app.get(routes.counts, async (c) => {
    const given = c.req.queries('topic') ?? []
    if (given.length === 0) return problem(c, 'missing_topic', 'topic: expected at least one, got none')
    if (given.length > maxTopics) {
      return problem(c, 'too_many_topics', `topic: expected at most ${maxTopics}, got ${given.length}`)
    }
    const topics = [...new Set(given)]
    const refusal = topics.map((topic) => refuse(c, topic, options)).find((response) => response !== undefined)
    if (refusal !== undefined) return refusal
    const counts = await read(topics)
    if (counts === undefined) return unavailable(c)
    return json(c, `{"counts":{${topics.map((topic, i) => `${JSON.stringify(topic)}:${counts[i]}`).join(',')}}}`)
  })

  app.get(routes.topic, async (c) => {
    const topic = c.req.param('topic')
    const refusal = refuse(c, topic, options)
    if (refusal !== undefined) return refusal
    const counts = await read([topic])
    if (counts === undefined) return unavailable(c)
    return json(c, `{"topic":${JSON.stringify(topic)},"counts":${counts[0]}}`)
  })

  app.get(routes.stream, (c) => {
    const topic = c.req.param('topic')
    const refusal = refuse(c, topic, options)
    if (refusal !== undefined) return refusal
    if (streams.isClosed) return problem(c, 'unavailable', 'the server is stopping')
    if (streams.size >= streams.max) {
      return problem(c, 'too_many_streams', `this server has ${streams.max} open streams, the most that it allows`)
    }
    return c.body(countsStream({ source, topic, clock, streams }), 200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      // A connection that stayed open after its stream would delay the end of a stopping server.
      Connection: 'close',
    })
  })

  return streams
}

/** The error response for a topic that is invalid or may not be read. */
function refuse(c: Context, topic: string, { source, maxTopicBytes }: CountsOptions): Response | undefined {
  const bytes = Buffer.byteLength(topic)
  if (bytes === 0 || bytes > maxTopicBytes) {
    return problem(c, 'invalid_topic', `topic: expected 1 to ${maxTopicBytes} bytes, got ${bytes}`)
  }
  return source.allows(topic) ? undefined : problem(c, 'unmatched_topic', 'no pattern allows this topic')
}

function unavailable(c: Context): Response {
  c.header('Retry-After', '1')
  return problem(c, 'unavailable', 'the counts cannot be read at present')
}

/** @param body JSON. Not to be cached: counts are those of the moment. */
function json(c: Context, body: string): Response {
  return c.body(body, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
}
