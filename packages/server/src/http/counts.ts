import type { IncomingMessage } from 'node:http'
import type { Clock, Metrics } from '@headcount/core'
import { encodeCounts, type Group } from '@headcount/protocol'
import type { Context, Hono } from 'hono'
import { bearerToken } from './bearer-token.js'
import { sendBrowsersAway, streamHeaders } from './come-back.js'
import { OpenStreams } from './open-streams.js'
import { type HttpEnv, type Problem, problem } from './problem.js'
import { routes } from './routes.js'
import type { CountsSource, ReadRefusal } from './source.js'
import { countsStream, type StreamOptions } from './stream.js'

/** Most topics in one request. */
const maxTopics = 100

export interface CountsOptions {
  readonly source: CountsSource
  readonly groups: readonly Group[]
  readonly metrics: Metrics
  readonly clock: Clock
  /** Longest topic, in bytes of UTF-8. */
  readonly maxTopicBytes: number
  /** Most streams that may be open at a time. */
  readonly maxStreams: number
  /** From 0 to 1: when readers come back. */
  random(): number
  /** The network address of a client, or null where that is not known. */
  addressOf(request: IncomingMessage): string | null
  /** Receives what `source.read` threw. */
  report(error: unknown, route: string): void
}

/** The topics of a request: those that the reader may read, and why not the others. */
interface Judged {
  /** In how many ms the reader's token expires. */
  readonly expiresIn: number | undefined
  readonly allowed: readonly string[]
  readonly refused: readonly { readonly topic: string; readonly error: Problem }[]
}

const refusals: Readonly<Record<ReadRefusal, string>> = {
  unmatched_topic: 'no pattern allows this topic',
  unauthorized: 'this topic requires a token: as a bearer token, or as the parameter token',
  invalid_token: 'the token is invalid or has expired',
  forbidden: 'the token does not open this topic',
  unavailable: 'the token cannot be verified at present',
}

/** Adds the routes that read counts. Returns the streams that are open. */
export function addCountsRoutes(app: Hono<HttpEnv>, options: CountsOptions): OpenStreams {
  const { source, groups, clock, random } = options
  const comeBack = sendBrowsersAway(random)
  const streams = new OpenStreams(options.maxStreams, clock, () => {
    options.metrics.count('http_refused', 1, 'too_many_streams')
  })

  const read = async (topics: readonly string[]): Promise<string[] | undefined> => {
    try {
      return (await source.read(topics)).map((totals) => encodeCounts(groups, totals))
    } catch (error) {
      options.report(error, `GET ${routes.counts}`)
      return undefined
    }
  }

  app.get(routes.counts, async (c) => {
    const topics = topicsOf(c)
    if (topics instanceof Response) return topics
    const { allowed, refused } = await judge(c, topics, options)
    const [only] = refused
    if (topics.length === 1 && only !== undefined) return refuse(c, only.error)
    const counts = await read(allowed)
    if (counts === undefined) return unavailable(c, 'the counts cannot be read at present')
    return json(c, `{"counts":{${allowed.map((topic, i) => member(topic, counts[i]))}}${errorsOf(c, refused)}}`)
  })

  const openStream = (
    c: Context<HttpEnv>,
    stream: Pick<StreamOptions, 'topics' | 'data' | 'preface' | 'endsIn'>,
  ): Response => {
    if ((c.req.query('count') ?? 'false') !== 'false') {
      return problem(c, 'unsupported_count', 'count: streams do not count their readers yet; use a WebSocket')
    }
    const request = c.env?.incoming as IncomingMessage | undefined
    const address = request === undefined ? null : options.addressOf(request)
    if (streams.isClosed) return unavailable(c, 'the server is stopping')
    if (!streams.admits(address)) {
      c.header('Retry-After', '5')
      return problem(c, 'too_many_streams', `this server has ${streams.max} open streams, the most that it allows`)
    }
    return c.body(countsStream({ ...stream, source, clock, random, streams, address }), 200, streamHeaders)
  }

  app.get(routes.streams, comeBack, async (c) => {
    const topics = topicsOf(c)
    if (topics instanceof Response) return topics
    const { allowed, refused, expiresIn } = await judge(c, topics, options)
    const [first] = refused
    if (allowed.length === 0 && first !== undefined) return refuse(c, first.error)
    for (const { error } of refused) c.var.refused(error.code)
    return openStream(c, {
      topics: allowed,
      data: (topic, counts) => `{${member('topic', JSON.stringify(topic))},${member('counts', counts)}}`,
      preface: refused.map((refusal) => JSON.stringify(refusal)),
      endsIn: expiresIn,
    })
  })

  app.get(routes.topic, async (c) => {
    const topic = c.req.param('topic')
    const [refusal] = (await judge(c, [topic], options)).refused
    if (refusal !== undefined) return refuse(c, refusal.error)
    const counts = await read([topic])
    if (counts === undefined) return unavailable(c, 'the counts cannot be read at present')
    return json(c, `{"topic":${JSON.stringify(topic)},"counts":${counts[0]}}`)
  })

  app.get(routes.stream, comeBack, async (c) => {
    const topics = [c.req.param('topic')]
    const { refused, expiresIn } = await judge(c, topics, options)
    const [refusal] = refused
    if (refusal !== undefined) return refuse(c, refusal.error)
    return openStream(c, { topics, data: (_topic, counts) => counts, endsIn: expiresIn })
  })

  return streams
}

/** The different topics of a query, or the response where there are none or too many. */
function topicsOf(c: Context<HttpEnv>): readonly string[] | Response {
  const given = c.req.queries('topic') ?? []
  if (given.length === 0) return problem(c, 'missing_topic', 'topic: expected at least one, got none')
  if (given.length > maxTopics) {
    return problem(c, 'too_many_topics', `topic: expected at most ${maxTopics}, got ${given.length}`)
  }
  return [...new Set(given)]
}

async function judge(c: Context<HttpEnv>, topics: readonly string[], options: CountsOptions): Promise<Judged> {
  const { source, maxTopicBytes } = options
  const reader = await source.reader(bearerToken(c.req.header('authorization')) ?? c.req.query('token'))
  const answers = await Promise.all(
    topics.map(async (topic): Promise<Problem | undefined> => {
      const bytes = Buffer.byteLength(topic)
      if (bytes === 0 || bytes > maxTopicBytes) {
        return { code: 'invalid_topic', message: `topic: expected 1 to ${maxTopicBytes} bytes, got ${bytes}` }
      }
      const code = await reader.refuses(topic)
      return code && { code, message: refusals[code] }
    }),
  )
  return {
    expiresIn: reader.expiresIn,
    allowed: topics.filter((_, i) => answers[i] === undefined),
    refused: topics.flatMap((topic, i) => (answers[i] === undefined ? [] : [{ topic, error: answers[i] }])),
  }
}

/** The response to a request for a topic that may not be read. */
function refuse(c: Context<HttpEnv>, { code, message }: Problem): Response {
  if (code === 'unavailable') return unavailable(c, message)
  if (code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer realm="headcount"')
  if (code === 'invalid_token') c.header('WWW-Authenticate', 'Bearer realm="headcount", error="invalid_token"')
  return problem(c, code, message)
}

/** The refused topics of several, as a member of a JSON object; empty where there are none. */
function errorsOf(c: Context<HttpEnv>, refused: Judged['refused']): string {
  if (refused.length === 0) return ''
  for (const { error } of refused) c.var.refused(error.code)
  return `,"errors":{${refused.map(({ topic, error }) => member(topic, JSON.stringify(error)))}}`
}

/** A member of a JSON object. An object with topics as keys would not have `__proto__`. @param value JSON. */
function member(key: string, value: string | undefined): string {
  return `${JSON.stringify(key)}:${value}`
}

function unavailable(c: Context<HttpEnv>, message: string): Response {
  c.header('Retry-After', '1')
  return problem(c, 'unavailable', message)
}

/** @param body JSON. Not to be cached: counts are those of the moment. */
function json(c: Context<HttpEnv>, body: string): Response {
  return c.body(body, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
}
