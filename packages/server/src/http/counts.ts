import type { Clock } from '@headcount/core'
import { encodeCounts, type Group } from '@headcount/protocol'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { problem } from './problem.js'
import type { CountsSource } from './source.js'
import { shared } from './stop-signal.js'
import { countsStream } from './stream.js'

/** Most topics of one call. */
export const maxTopics = 100

export interface CountsOptions {
  readonly source: CountsSource
  readonly groups: readonly Group[]
  readonly clock: Clock
  /** Longest topic, in bytes of UTF-8. */
  readonly maxTopicBytes: number
  readonly maxStreams: number
  /** Ends every stream. */
  readonly signal?: AbortSignal | undefined
  /** Told of what `source.read` threw. */
  report(error: unknown): void
}

/** The routes that read counts, and how many streams are open. */
export function countsRoutes(options: CountsOptions): { readonly routes: Hono; streams(): number } {
  const { source, groups } = options
  const routes = new Hono()
  const signal = shared(options.signal)
  let streams = 0

  const read = async (topics: readonly string[]): Promise<string[] | undefined> => {
    try {
      return (await source.read(topics)).map((totals) => encodeCounts(groups, totals))
    } catch (error) {
      options.report(error)
      return undefined
    }
  }

  routes.get('/', async (c) => {
    const topics = c.req.queries('topic') ?? []
    if (topics.length === 0)
      return problem(c, 400, 'missing_topic', `expected 1 to ${maxTopics} "topic" parameters, got none`)
    if (topics.length > maxTopics) {
      const message = `expected 1 to ${maxTopics} "topic" parameters, got ${topics.length}`
      return problem(c, 400, 'too_many_topics', message)
    }
    const refused = topics.map((topic) => refuse(c, topic, options)).find((answer) => answer !== undefined)
    if (refused !== undefined) return refused
    const distinct = [...new Set(topics)]
    const counts = await read(distinct)
    if (counts === undefined) return unavailable(c)
    return json(c, `{"counts":{${distinct.map((topic, i) => `${JSON.stringify(topic)}:${counts[i]}`).join(',')}}}`)
  })

  routes.get('/:topic', async (c) => {
    const topic = c.req.param('topic')
    const refused = refuse(c, topic, options)
    if (refused !== undefined) return refused
    const counts = await read([topic])
    if (counts === undefined) return unavailable(c)
    return json(c, `{"topic":${JSON.stringify(topic)},"counts":${counts[0]}}`)
  })

  routes.get('/:topic/stream', (c) => {
    const topic = c.req.param('topic')
    const refused = refuse(c, topic, options)
    if (refused !== undefined) return refused
    if (options.signal?.aborted) return problem(c, 503, 'unavailable', 'the server is stopping')
    if (streams >= options.maxStreams) {
      const message = `expected at most ${options.maxStreams} open streams on this server, got one more`
      return problem(c, 503, 'too_many_streams', message)
    }
    const opened = () => {
      streams++
      return () => void streams--
    }
    const { clock } = options
    return c.body(countsStream({ source, topic, groups, clock, signal, opened }), 200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      // A stream ends with its connection: one left open for further requests would hold up a server that stops.
      Connection: 'close',
    })
  })

  return { routes, streams: () => streams }
}

/** The answer where a topic is no topic, or none that may be counted. */
function refuse(c: Context, topic: string, { source, maxTopicBytes }: CountsOptions): Response | undefined {
  const bytes = Buffer.byteLength(topic)
  if (bytes === 0 || bytes > maxTopicBytes) {
    return problem(c, 400, 'invalid_topic', `expected a topic of 1 to ${maxTopicBytes} bytes, got ${bytes}`)
  }
  if (source.allows(topic)) return undefined
  return problem(c, 404, 'unmatched_topic', 'expected a topic that some pattern allows, got another')
}

function unavailable(c: Context): Response {
  c.header('Retry-After', '1')
  return problem(c, 503, 'unavailable', 'expected to read the counts, got no answer from where they are kept')
}

/** `body` is JSON already. Counts are of this moment: nobody may keep them. */
function json(c: Context, body: string): Response {
  return c.body(body, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
}
