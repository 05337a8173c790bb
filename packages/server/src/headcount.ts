import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Engine, Metrics, Topic } from '@headcount/core'
import {
  type Clock,
  defaultFlush,
  type FlushSettings,
  HeadcountError,
  type Logger,
  ManualPresences,
  memoryEngine,
  personKeys,
  Replica,
  silentLogger,
  systemClock,
  type TopicRuleOption,
  type TrackOptions,
  Turn,
  topicRules,
  type Unit,
} from '@headcount/core'
import { type Counts, defaultGroups, type Group, toCounts } from '@headcount/protocol'
import { getRequestListener } from '@hono/node-server'
import { type AuthOptions, createAuth } from './auth/index.js'
import { deriveSecret } from './auth/secret.js'
import { httpApp } from './http/app.js'
import { allowsOrigin } from './http/origins.js'
import { createMetrics } from './metrics/prometheus.js'
import { defaultLimits, type Limits } from './sockets/limits.js'
import type { Authorize, SocketContext } from './sockets/socket-context.js'
import { Sockets } from './sockets/sockets.js'
import { sourceOf } from './source.js'
import { WebSockets } from './websocket/websockets.js'

export interface HeadcountOptions {
  /** What merges this replica's counts with others'. This process on its own unless given. */
  readonly engine?: Engine | undefined
  /** Names of the groups: the first is for the signed in, the second for the anonymous, others for `track` alone. */
  readonly groups?: readonly Group[] | undefined
  /** Which topics there are, and how each is counted: `*` unless given. The first pattern that fits decides. */
  readonly topics?: readonly TopicRuleOption[] | undefined
  /** Unit of the patterns that name none: `connections` unless given. */
  readonly unit?: Unit | undefined
  /** How long, in ms, a decrease waits before it is shown, for patterns that set no `settle`. Default: 0. */
  readonly settle?: number | undefined
  /** How users are told from viewers. Without it everyone is a viewer. */
  readonly auth?: AuthOptions | undefined
  /** May a client join? Asked after the patterns, for each join. An error is a no. */
  readonly authorize?: Authorize | undefined
  /** Keys the hashes of people. Derived from the token secret unless given; else random. */
  readonly secret?: string | undefined
  /** Origins whose pages may open sockets and read counts; `*` for any. Pages of the server's own host unless given. */
  readonly origins?: readonly string[] | undefined
  /** How long, in ms, the cluster counts this replica without hearing from it: 10,000 unless given. */
  readonly lease?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly flush?: Partial<FlushSettings> | undefined
  readonly logger?: Logger | undefined
  readonly metrics?: Metrics | undefined
  readonly clock?: Clock | undefined
}

export interface Headcount {
  /** Resolves when the engine is open, rejects where it cannot be opened. */
  readonly ready: Promise<void>
  /** Takes sockets at `/socket/websocket` of a server, beside whatever else it serves. Returns the undo. */
  attach(server: Server): () => void
  /** The HTTP routes, for whatever speaks web standards. */
  fetch(request: Request): Response | Promise<Response>
  /** The same for Node and Express: what is not of ours goes to `next`, or to a 404 where there is none. */
  handle(request: IncomingMessage, response: ServerResponse, next?: () => void): void
  /**
   * Counts a presence that is no socket. `key` names it within the topic; the same key twice is one presence, in the
   * group named last.
   * @throws {HeadcountError} `unmatched_topic`, `unknown_group`.
   */
  track(topic: Topic, key: string, options?: TrackOptions): void
  /** Counts it no longer. Of what was never tracked: nothing. */
  untrack(topic: Topic, key: string): void
  /** The topic's counts now, with what was tracked before; zeros where nobody is. */
  counts(topic: Topic): Promise<Counts>
  /** Calls `listener` at every flush of a topic that has subscribers in this process. Returns the undo. */
  on(event: 'counts', listener: (topic: Topic, counts: Counts) => void): () => void
  /** Drains: closes every socket with 1012, ends every stream, and gives up all counts. */
  close(): Promise<void>
}

/** The paths that `handle` keeps from `next`. */
const ours = /^\/(?:api\/counts|socket\/websocket)(?:[/?]|$)/

/** @throws {HeadcountError} `bad_option` where an option is not what it may be. */
export function createHeadcount(options: HeadcountOptions = {}): Headcount {
  const { clock = systemClock, logger = silentLogger, metrics = createMetrics() } = options
  const groups = checkGroups(options.groups ?? defaultGroups)
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const flush: FlushSettings = { ...defaultFlush, ...options.flush }
  const { lease = 10_000 } = options
  checkNumbers('', { lease })
  checkNumbers('limits.', limits)
  checkNumbers('flush.', flush, 'minimum')
  const topics = topicRules(
    options.topics ?? ['*'],
    { unit: options.unit ?? 'connections', settle: options.settle ?? 0 },
    limits.topicBytes,
  )
  const turn = new Turn(clock, (error) => logger.error({ error: nameOf(error) }, 'a turn went wrong'))
  const replica = new Replica({
    id: randomUUID(),
    engine: options.engine ?? memoryEngine(),
    groups,
    flush,
    lease,
    settle: (topic) => topics.match(topic)?.settle ?? 0,
    clock,
    turn,
    logger,
    metrics,
  })
  const keys = personKeys(options.secret ?? deriveSecret(options.auth?.secret) ?? randomBytes(32))
  const origins = allowsOrigin(options.origins)
  const authorize = options.authorize
  const context: SocketContext = {
    replica,
    topics,
    authorize,
    keys,
    limits,
    clock,
    turn,
    metrics,
  }
  const sockets = new Sockets(context)
  const webSockets = new WebSockets(sockets, { auth: createAuth(options.auth), allowsOrigin: origins, metrics, logger })
  const tracked = new ManualPresences(replica.tracker, topics, groups, keys)
  const stopping = new AbortController()
  const source = sourceOf(replica, topics)
  const app = httpApp({
    source,
    groups,
    metrics,
    allowsOrigin: origins,
    signal: stopping.signal,
    maxTopicBytes: limits.topicBytes,
    clock,
    report: (error, route) => logger.error({ error: nameOf(error), route }, 'a request went wrong'),
  })
  const listener = getRequestListener(app.fetch, { hostname: 'localhost' })

  metrics.gauge('sockets', () => sockets.size)
  metrics.gauge('channels', () => sockets.channels)
  metrics.gauge('topics', () => replica.scheduler.topics)
  metrics.gauge('ready', () => (replica.trouble === undefined ? 1 : 0))

  const ready = replica.start()
  ready.catch((error: unknown) => logger.error({ error: nameOf(error) }, 'the engine cannot be opened'))

  return {
    ready,
    attach: (server) => webSockets.attach(server),
    fetch: (request) => app.fetch(request),
    handle(request, response, next) {
      if (next !== undefined && !ours.test(request.url ?? '')) next()
      else void listener(request, response)
    },
    track: (topic, key, given) => tracked.track(topic, key, given),
    untrack: (topic, key) => tracked.untrack(topic, key),
    async counts(topic) {
      // What was tracked before in this turn is committed at its end.
      await new Promise<void>((resolve) => turn.run(resolve))
      const [totals] = await replica.read([topic])
      return toCounts(groups, totals ?? []) as Counts
    },
    on: (_event, heard) =>
      replica.scheduler.onFlush((topic, totals) => heard(topic, toCounts(groups, totals) as Counts)),
    async close() {
      stopping.abort()
      // The counts go first: a client that comes back elsewhere must not count twice.
      await replica.stop()
      await webSockets.drain()
    },
  }
}

function checkGroups(groups: readonly Group[]): readonly Group[] {
  const named = groups.every((group) => typeof group === 'string' && group !== '')
  if (groups.length < 2 || !named || new Set(groups).size < groups.length) {
    const got = JSON.stringify(groups)
    throw new HeadcountError('bad_option', `groups: expected two or more names, each another, got ${got}`)
  }
  return groups
}

/** Counts, bytes and ms, all above 0. @param orNone The one that may be 0. */
function checkNumbers(of: string, numbers: object, orNone?: string): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value > 0 || (name === orNone && value === 0)) continue
    const expected = name === orNone ? 'a number of at least 0' : 'a number above 0'
    throw new HeadcountError('bad_option', `${of}${name}: expected ${expected}, got ${value}`)
  }
}

/** An error's kind, never its message, which may quote what a client sent. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
