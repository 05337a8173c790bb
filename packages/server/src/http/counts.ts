import type { IncomingMessage } from 'node:http'
import type { Metrics } from '@headcount/core'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { readClientId } from '../client-id.js'
import type { AllowsOrigin } from '../origins.js'
import { cached } from './cached.js'
import {
  type CheckedTopics,
  checkTopics,
  type ReadOptions,
  readShown,
  refuse,
  tokenOf,
  unavailable,
} from './check-topics.js'
import { isFromOtherPage } from './cross-origin.js'
import { encodeOnce } from './events.js'
import { LostReaders } from './lost-readers.js'
import { OpenStreams } from './open-streams.js'
import { type HttpEnv, problem } from './problem.js'
import { requireMemory } from './require-memory.js'
import { routes } from './routes.js'
import type { StreamRefusal } from './source.js'
import { CountsStream, type StreamOptions } from './stream.js'
import { StreamBody } from './stream-body.js'
import { retryForBrowsers, streamHeaders } from './stream-retry.js'
import { topicsOfQuery } from './topics-of-query.js'

/** Maximum number of topics in one request. */
export const maxTopics = 100

export interface CountsOptions extends ReadOptions, Pick<StreamOptions, 'clock' | 'turn' | 'random'> {
  readonly metrics: Metrics
  /** Maximum number of open streams. */
  readonly maxStreams: number
  readonly allowsOrigin: AllowsOrigin
  /** The network address of a client, or null if that is not known. */
  addressOf(request: IncomingMessage): string | null
}

const streamRefusals: Readonly<Record<StreamRefusal, string>> = {
  too_many_topics: 'topic: more than a socket may join; a reader that is counted has the same limit',
  too_many_of_address: 'too many sockets and counted streams from this network address',
  overloaded: 'the server has no room for more readers now',
}

/** Adds the routes that read counts. Returns the streams that are open. */
export function addCountsRoutes(app: Hono<HttpEnv>, options: CountsOptions): OpenStreams {
  const { source, clock, turn, random } = options
  const retryLater = retryForBrowsers(random)
  const countRefusal = (code: string): void => options.metrics.count('http_refused', 1, code)
  const streams = new OpenStreams(options.maxStreams, clock, () => countRefusal('too_many_streams'))

  const lost = new LostReaders(clock, () => countRefusal('stalled'))

  const read = async (topics: readonly string[]): Promise<string[] | undefined> =>
    (await readShown(options, topics, routes.counts))?.map(({ counts }) => counts)

  app.get(routes.counts, requireMemory(options), async (c) => {
    const topics = topicsOf(c)
    if (topics instanceof Response) return topics
    const { allowed, refused } = await checkTopics(c, topics, options)
    const [only] = refused
    if (topics.length === 1 && only !== undefined) return refuse(c, only.error)
    const counts = await read(allowed)
    if (counts === undefined) return unavailable(c, 'the counts cannot be read now')
    return json(c, `{"counts":{${allowed.map((topic, i) => member(topic, counts[i]))}}${errorsOf(c, refused)}}`)
  })

  const openStream = (
    c: Context<HttpEnv>,
    { reader, allowed: topics }: CheckedTopics,
    stream: Pick<StreamOptions, 'encode' | 'preface'>,
  ): Response => {
    const request = c.env?.incoming as IncomingMessage | undefined
    const address = request === undefined ? null : options.addressOf(request)
    const isCounted = c.req.query('count') === 'true'
    const refusal = source.refusesStream(isCounted ? topics.length : 0, address)
    if (streams.isClosed) return unavailable(c, 'the server is stopping')
    if (isCounted && reader.isUnchecked) return unavailable(c, 'the token cannot be verified now')
    if (refusal === 'too_many_topics') return problem(c, refusal, streamRefusals[refusal])
    if (refusal !== undefined || !streams.admits(address)) c.header('Retry-After', '5')
    if (refusal !== undefined) return problem(c, refusal, streamRefusals[refusal])
    if (!streams.admits(address)) {
      return problem(c, 'too_many_streams', `this server has ${streams.max} open streams, the most that it allows`)
    }
    const count = isCounted ? () => reader.count(topics, address) : undefined
    if (isCounted && request !== undefined) void lost.watch(request.socket)
    const parts = { source, topics, clock, turn, random, streams, address, endsIn: reader.expiresIn }
    const started = { ...stream, ...parts, refused: countRefusal, ...(count && { count }) }
    const body = new StreamBody(new CountsStream(started))
    return c.body(body, 200, streamHeaders)
  }

  const counting = checkCount(options.allowsOrigin)
  const [ofSeveral, ofOne] = [
    encodeOnce(({ topic, counts }) => `{${member('topic', JSON.stringify(topic))},${member('counts', counts)}}`),
    encodeOnce(({ counts }) => counts),
  ]

  app.get(routes.streams, retryLater, counting, async (c) => {
    const topics = topicsOf(c)
    if (topics instanceof Response) return topics
    const checked = await checkTopics(c, topics, options)
    const { allowed, refused } = checked
    const [first] = refused
    if (allowed.length === 0 && first !== undefined) return refuse(c, first.error)
    for (const { error } of refused) c.var.refused(error.code)
    return openStream(c, checked, { encode: ofSeveral, preface: refused.map((refusal) => JSON.stringify(refusal)) })
  })

  app.get(routes.topic, requireMemory(options), async (c) => {
    const topic = c.req.param('topic')
    const [refusal] = (await checkTopics(c, [topic], options)).refused
    if (refusal !== undefined) return refuse(c, refusal.error)
    const counts = await read([topic])
    if (counts === undefined) return unavailable(c, 'the counts cannot be read now')
    return json(c, `{"topic":${JSON.stringify(topic)},"counts":${counts[0]}}`)
  })

  app.get(routes.stream, retryLater, counting, async (c) => {
    const checked = await checkTopics(c, [c.req.param('topic')], options)
    const [refusal] = checked.refused
    return refusal === undefined ? openStream(c, checked, { encode: ofOne }) : refuse(c, refusal.error)
  })

  return streams
}

/** Checks the parameters of a stream that counts its reader, and the page that opens it, by the rules of sockets. */
function checkCount(allowsOrigin: AllowsOrigin): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const count = c.req.query('count') ?? 'false'
    if (count !== 'true' && count !== 'false') return problem(c, 'invalid_count', 'count: expected true or false')
    if (count === 'false') return next()
    if (readClientId(c.req.query('client_id')) === undefined) {
      return problem(c, 'invalid_client_id', 'client_id: expected at most 64 characters')
    }
    if (isFromOtherPage(c, allowsOrigin)) {
      return problem(c, 'origin', 'pages of this origin may not be counted: see the setting origins')
    }
    return next()
  }
}

/** The distinct topics of a query, or the response if there are none or too many. */
function topicsOf(c: Context<HttpEnv>): readonly string[] | Response {
  const given = topicsOfQuery(c.req.raw.url)
  if (given.length === 0) return problem(c, 'missing_topic', 'topic: expected at least one, got none')
  if (given.length > maxTopics) {
    return problem(c, 'too_many_topics', `topic: expected at most ${maxTopics}, got ${given.length}`)
  }
  return [...new Set(given)]
}

/** The refused topics of several, as a member of a JSON object; empty if there are none. */
function errorsOf(c: Context<HttpEnv>, refused: CheckedTopics['refused']): string {
  if (refused.length === 0) return ''
  for (const { error } of refused) c.var.refused(error.code)
  return `,"errors":{${refused.map(({ topic, error }) => member(topic, JSON.stringify(error)))}}`
}

/** A member of a JSON object. An object with topics as keys could not have `__proto__`. @param value JSON. */
function member(key: string, value: string | undefined): string {
  return `${JSON.stringify(key)}:${value}`
}

/** @param body JSON. Caches share it for a second between readers without a token; others must revalidate it. */
function json(c: Context<HttpEnv>, body: string): Response {
  const isPrivate = tokenOf(c) !== undefined
  return cached(c, body, { contentType: 'application/json', maxAge: isPrivate ? 0 : 1, isPrivate })
}
