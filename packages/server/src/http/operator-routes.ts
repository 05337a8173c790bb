import type { Context, Hono } from 'hono'
import { type ReadOptions, unavailable } from './check-topics.js'
import type { BusiestRequest, EffectiveSetting, OperatorSource, Place } from './operator-source.js'
import { type HttpEnv, problem } from './problem.js'
import { routes } from './routes.js'

/** Maximum and default number of topics of one page. */
export const maxLimit = 100
export const defaultLimit = 50

export interface OperatorRoutesOptions extends Pick<ReadOptions, 'maxTopicBytes' | 'report'> {
  readonly operator: OperatorSource
  /** The settings that operators are shown; undefined if none were given. */
  settings?(): readonly EffectiveSetting[] | undefined
}

/** Adds the read-only routes that explain the counts of the cluster. */
export function addOperatorRoutes(app: Hono<HttpEnv>, options: OperatorRoutesOptions): void {
  const { operator, maxTopicBytes, settings, report } = options

  /** Adds a route that asks the engine: if that fails, which is reported, the response is a 503. */
  const get = <P extends string>(route: P, respond: (c: Context<HttpEnv, P>) => Promise<Response>): void => {
    app.get(route, (c) =>
      respond(c).catch((error: unknown) => {
        report(error, `GET ${route}`)
        return unavailable(c, 'the engine cannot be reached now')
      }),
    )
  }

  get(routes.busiest, async (c) => {
    const request = readRequest(c, maxTopicBytes)
    if (typeof request === 'string') return problem(c, 'invalid_parameter', request)
    const { next, ...page } = await operator.busiest(request)
    return c.json({ ...page, next: next === undefined ? null : encodePlace(next) })
  })

  get(routes.explained, async (c) => {
    const topic = c.req.param('topic')
    const bytes = Buffer.byteLength(topic)
    if (bytes > maxTopicBytes) {
      return problem(c, 'invalid_topic', `topic: expected 1 to ${maxTopicBytes} bytes, got ${bytes}`)
    }
    const read = await operator.explain(topic)
    return typeof read === 'string' ? problem(c, read, refusals[read]) : c.json(read)
  })

  get(routes.replicas, async (c) => c.json(await operator.replicas()))

  app.get(routes.settings, (c) => {
    const read = settings?.()
    if (read === undefined) return problem(c, 'no_settings', 'the application has not provided its settings')
    return c.json({ settings: read })
  })
}

const refusals = {
  unmatched_topic: 'no pattern allows this topic',
  unsupported: 'the engine does not tell replicas apart',
}

/** The parameters of the list of topics, or the error in one. */
function readRequest(c: Context<HttpEnv>, maxTopicBytes: number): BusiestRequest | string {
  const { sort = 'count', prefix = '', limit = String(defaultLimit), cursor } = c.req.query()
  if (sort !== 'count' && sort !== 'joins') return 'sort: expected count or joins'
  if (Buffer.byteLength(prefix) > maxTopicBytes) return `prefix: expected at most ${maxTopicBytes} bytes`
  const size = /^\d{1,3}$/.test(limit) ? Number(limit) : 0
  if (size < 1 || size > maxLimit) return `limit: expected 1 to ${maxLimit}`
  if (cursor === undefined || cursor === '') return { sort, prefix, limit: size }
  const after = decodePlace(cursor)
  return after === undefined ? 'cursor: expected the next of another page' : { sort, prefix, limit: size, after }
}

function encodePlace(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function decodePlace(cursor: string): Place | undefined {
  try {
    const [value, topic] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Number.isFinite(value) && typeof topic === 'string' ? [value, topic] : undefined
  } catch {
    return undefined
  }
}
