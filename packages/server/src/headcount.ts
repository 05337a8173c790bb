import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import {
  Canary,
  defaultFlush,
  defaultShieldTick,
  type Engine,
  type FlushSettings,
  HeadcountError,
  type HistoryOptions,
  LogLimiter,
  ManualPresences,
  memoryEngine,
  personKeys,
  Replica,
  recordedTopics,
  shownTransitions,
  systemClock,
  type Topic,
  type TopicRules,
  type TrackOptions,
  type TransitionReceiver,
  Turn,
  topicRules,
  type Update,
} from '@headcount/core'
import {
  type Counts,
  type DefaultGroup,
  defaultGroups,
  type Group,
  isLongPollPath,
  toCounts,
} from '@headcount/protocol'
import { createAuth } from './auth/index.js'
import { deriveSecret } from './auth/secret.js'
import { authenticator } from './authenticate.js'
import { Drain, type DrainOptions } from './drain.js'
import { httpApp } from './http/app.js'
import { defaultHttpLimits, type HttpLimits } from './http/limits.js'
import { nodeListener } from './http/node-listener.js'
import { type AllowsOrigin, allowsOrigin } from './http/origins.js'
import { Pipelines } from './http/pipelines.js'
import { isOurs } from './http/routes.js'
import type { CountsSource } from './http/source.js'
import { log } from './log-events.js'
import { LongPolls } from './longpoll/long-polls.js'
import { PollRequests } from './longpoll/poll-requests.js'
import { memoryShare } from './memory-share.js'
import { createMetrics } from './metrics/prometheus.js'
import { hasFewFiles } from './open-files.js'
import { Openings } from './opening/openings.js'
import { Reports } from './operator/reports.js'
import { checkOptions, checkReloadOptions, type HeadcountOptions, type ReloadOptions } from './options.js'
import { tokenReaders } from './readers.js'
import { secretWarnings } from './secret-warnings.js'
import { Access } from './sockets/access.js'
import { AddressLimit } from './sockets/address-limit.js'
import { Admission } from './sockets/admission.js'
import { defaultLimits, type Limits } from './sockets/limits.js'
import { PresenceLimits } from './sockets/presence-limits.js'
import { Sockets } from './sockets/sockets.js'
import { stderrLogger } from './stderr-logger.js'
import { version } from './version.js'
import { clientAddress } from './websocket/client-address.js'
import { WebSockets } from './websocket/websockets.js'
import { WorkQueue } from './work-queue.js'

/** A topic that no pattern allows. */
const showsAll = { settle: 0, shield: 0 }

/** An origin as it is logged: at most so many characters, all printable ASCII, as those of browsers are. */
const maxLoggedOrigin = 200
const loggedOrigin = (origin: string): string => origin.slice(0, maxLoggedOrigin).replace(/[^ -~]/g, '?')

/** A server's own view of its topics. */
export interface Presences<G extends Group = DefaultGroup> {
  /**
   * Adds a presence without a socket, or moves the one with the same key in the topic.
   * @throws {HeadcountError} `unmatched_topic`, `unknown_group`.
   */
  track(topic: Topic, key: string, options?: TrackOptions): void
  /** Removes a presence that `track` added. A no-op where there is none with that key. */
  untrack(topic: Topic, key: string): void
  /**
   * The counts of a topic, including what was tracked before the call. An unknown topic is zeros.
   * @throws what the engine throws where it cannot be reached.
   */
  counts(topic: Topic): Promise<Counts<G>>
  /**
   * Calls `listener` at every flush of a topic that has subscribers in this process, which are sockets and streams,
   * and for the zero after the last of them has left. Returns a function that removes the listener.
   */
  on(event: 'counts', listener: (topic: Topic, counts: Counts<G>) => void): () => void
}

export interface Headcount<G extends Group = DefaultGroup> extends Presences<G> {
  /** How many sockets are open. */
  readonly sockets: number
  /** Resolves once the engine is open. Rejects where it cannot be opened. */
  readonly ready: Promise<void>
  /** Takes WebSockets at `/socket/websocket` from a server. Returns a function that undoes it. */
  attach(server: Server): () => void
  /** Serves the HTTP routes, but not long polls, to a server that speaks web standards. */
  fetch(request: Request): Response | Promise<Response>
  /**
   * Serves the HTTP routes and long polls to Node or Express. Calls `next`, if given, for a request to any other path,
   * and for a badge of a topic that has none.
   */
  handle(request: IncomingMessage, response: ServerResponse, next?: () => void): void
  readonly operator: Operator
  /**
   * Replaces `auth` and `origins`; one that is left out stays. No socket is closed, and what an open one may do lasts
   * until its token expires. The keys of a JWKS are fetched anew.
   * @throws {HeadcountError} `bad_option` where one is invalid. Nothing changes then.
   */
  reload(options: ReloadOptions): void
  /**
   * Closes every socket with 1012, ends every stream, and removes this replica from the cluster: at once, unless
   * options say otherwise. A second call makes the first one hurry.
   */
  close(options?: DrainOptions): Promise<void>
}

/** The routes for operators: `/metrics`, `/api/topics`, `/api/replicas`, `/healthz` and `/readyz`. */
export interface Operator {
  /** What all but health require as a bearer token on the main server: the option `operatorKey`, or a random one. */
  readonly key: string
  /**
   * Serves the routes without a key, for a port that only operators can reach: to addresses and internal names. A name
   * that anyone may have registered needs the key, because a page of that name could be made to read here.
   */
  handle(request: IncomingMessage, response: ServerResponse): void
}

/** @throws {HeadcountError} `bad_option` where an option is unknown or invalid. */
export function createHeadcount<const G extends Group = DefaultGroup>(options: HeadcountOptions<G> = {}): Headcount<G> {
  checkOptions(options)
  let auth = createAuth(options.auth)
  let { expiredToken = 'viewer' } = options.auth ?? {}
  const { logger = stderrLogger, metrics = createMetrics() } = options
  const { unit = 'connections', settle = 0, history: historyReaders = 'none' } = options
  const {
    engine = memoryEngine(),
    lease = 10_000,
    shieldTick = defaultShieldTick,
    canary: canaryInterval = 0,
    authorize,
    operatorKey = randomBytes(24).toString('base64url'),
  } = options
  const groups = (options.groups ?? defaultGroups) as readonly G[]
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const httpLimits: HttpLimits = { ...defaultHttpLimits, ...options.http }
  const flush: FlushSettings = { ...defaultFlush, ...options.flush }
  const topics = topicRules(options.topics ?? ['*'], { unit, settle, history: historyReaders }, limits.topicBytes)
  const history = historyOf(engine, topics, limits.historyTopics)
  const keys = personKeys(options.secret ?? deriveSecret(options.auth?.secret) ?? randomBytes(32))
  let origins = allowsOrigin(options.origins)
  let { settings } = options
  const isAllowed: AllowsOrigin = (origin, host) => origins(origin, host)
  const clock = systemClock
  const logs = new LogLimiter(clock, logger)
  // Clients choose their origins: in a limiter with other events these would take the places of those.
  const originLogs = new LogLimiter(clock, logger)
  for (const reason of secretWarnings(options)) log(logger, 'odd_secret', { reason })
  const authenticate = authenticator((token) => auth.verify(token), metrics, logs)

  const turn = new Turn(clock, (error) => log(logs.by('callback'), 'callback_failed', { error: nameOf(error) }))
  const work = new WorkQueue(clock)
  const replica = new Replica({
    ...{ engine, groups, flush, lease, clock, turn, logger, metrics },
    id: randomUUID(),
    display: (topic) => topics.match(topic) ?? showsAll,
    shieldTick,
    receiver: receiverOf(options.webhooks, engine, topics),
    ...(history && { history }),
  })
  const admission = new Admission({
    ...{ limits, clock, memory: memoryShare, fewFiles: hasFewFiles, joinedTopics: () => replica.watched.joined },
    refused: (reason) => log(logs.by(reason), 'overloaded', { reason }),
  })
  const presenceLimits = new PresenceLimits(limits, turn)
  const addressLimit = new AddressLimit(limits.socketsPerAddress)
  const access = new Access(topics, authorize)
  const sockets = new Sockets({
    ...{ replica, topics, access, authenticate, keys, admission, addressLimit, presenceLimits, limits },
    ...{ clock, turn, work, metrics },
    expiredToken: () => expiredToken,
  })
  const addressOf = clientAddress(options.trustProxy ?? [])
  const openings = new Openings(sockets, {
    ...{ authenticate, addressOf },
    allowsOrigin: isAllowed,
    refusedOrigin(given) {
      const origin = loggedOrigin(given)
      log(originLogs.by(origin), 'origin_refused', { origin })
    },
  })
  const webSockets = new WebSockets(sockets, openings)
  const polls = new LongPolls(sockets)
  const pollRequests = new PollRequests({
    ...{ polls, openings, addressLimit, metrics, allowsOrigin: isAllowed },
    isDraining: () => drain.hasBegun,
  })
  const presences = new ManualPresences(replica.tracker, topics, groups, keys)
  const source: CountsSource = {
    reader: tokenReaders(sockets.context),
    refusesCount(size, address) {
      if (size > limits.topicsPerSocket) return 'too_many_topics'
      return addressLimit.isFull(address) ? 'too_many_of_address' : admission.join() && 'overloaded'
    },
    read: (names) => replica.read(names),
    subscribe(topic, subscriber) {
      replica.scheduler.subscribe(topic, subscriber)
      return () => replica.scheduler.unsubscribe(topic, subscriber)
    },
    hasBadge: (topic) => topics.match(topic)?.badge === true,
    historyReaders: (topic) => topics.match(topic)?.history,
    // Without histories there are no readers of them.
    history: (topic) => engine.history!.read(topic),
    trouble: () => (drain.hasBegun ? 'draining' : (replica.trouble ?? admission.trouble)),
  }
  const startedAt = clock.now()
  const reports: Reports = new Reports({
    ...{ replica, engine, groups, topics, lease },
    status: () => ({
      ...{ version, uptime: Math.round((clock.now() - startedAt) / 1000), sockets: sockets.size },
      ...{ channels: admission.channels, observers: admission.observers, streams: http.streams },
      ...{ topics: watchedTopics(), lag: Math.round(admission.lag) },
      staleness: canary === undefined ? null : Math.round(canary.staleness),
      trouble: source.trouble() ?? null,
    }),
  })
  const http = httpApp({
    ...{ operator: reports, source, groups, metrics, operatorKey, clock, turn, addressOf },
    settings: () => settings,
    allowsOrigin: isAllowed,
    maxTopicBytes: limits.topicBytes,
    maxStreams: httpLimits.streams,
    // While the engine is unreachable, every read fails.
    report: (error, route) =>
      log(logs.by(`request ${nameOf(error)}`), 'request_failed', { error: nameOf(error), route }),
  })
  const listener = nodeListener(http.main)
  const operatorListener = nodeListener(http.operator)
  const pipelines = new Pipelines(work, (why) => metrics.count('http_refused', 1, why))
  const { stallTimeout } = httpLimits

  const drain = new Drain({
    ...{ sockets, replica, clock },
    refuse() {
      openings.refuseAll()
      http.close()
    },
    closed: () => webSockets.closed(),
  })

  metrics.gauge('sockets', () => sockets.size)
  metrics.gauge('pollers', () => polls.size)
  metrics.gauge('channels', () => admission.channels)
  metrics.gauge('observers', () => admission.observers)
  metrics.gauge('presences', () => replica.presences)
  const canary = canaryInterval > 0 ? new Canary({ replica, interval: canaryInterval, clock, metrics }) : undefined
  // The topic of the canary is not one of the application's.
  const watchedTopics = (): number => replica.watched.size - (canary?.isWatching ? 1 : 0)
  metrics.gauge('topics', watchedTopics)
  if (canary !== undefined) metrics.gauge('staleness_seconds', () => canary.staleness / 1000)
  metrics.gauge('ready', () => (source.trouble() === undefined ? 1 : 0))
  metrics.gauge('lease_seconds', () => lease / 1000)
  metrics.gauge('lease_age_seconds', () => replica.leaseAge / 1000)
  metrics.gauge('build_info', () => [{ labels: [version], value: 1 }])

  const countsOf = ({ totals, below }: Update): Counts<G> => toCounts(groups, totals, below)
  const ready = replica.start()
  ready.then(
    () => canary?.start(),
    () => {},
  )
  ready.catch((error: unknown) => log(logger, 'engine_open_failed', { error: nameOf(error) }))

  return {
    get sockets() {
      return sockets.size
    },
    ready,
    attach: (server) => webSockets.attach(server),
    fetch: (request) => http.main.fetch(request, {}),
    handle(request, response, next) {
      if (next !== undefined && !isOurs(request.url, source.hasBadge)) pipelines.take(request, response, 0, next)
      else if (isLongPollPath(request.url))
        pipelines.take(request, response, stallTimeout, () => pollRequests.handle(request, response))
      else pipelines.take(request, response, stallTimeout, () => void listener(request, response))
    },
    operator: {
      key: operatorKey,
      handle: (request, response) =>
        pipelines.take(request, response, stallTimeout, () => void operatorListener(request, response)),
    },
    track: (topic, key, trackOptions) => presences.track(topic, key, trackOptions),
    untrack: (topic, key) => presences.untrack(topic, key),
    async counts(topic) {
      // What was tracked in this turn of the event loop is committed at its end.
      await new Promise<void>((resolve) => turn.run(resolve))
      const [update] = await replica.read([topic])
      return countsOf(update!)
    },
    on: (_event, listener) => replica.scheduler.onFlush((update) => listener(update.topic, countsOf(update))),
    reload(changes) {
      checkReloadOptions(changes)
      const newOrigins = allowsOrigin(changes.origins)
      if (Object.hasOwn(changes, 'auth')) {
        auth = auth.with(changes.auth)
        expiredToken = changes.auth?.expiredToken ?? 'viewer'
        auth.refetchKeys().catch(() => log(logs.by('keys'), 'keys_not_fetched'))
      }
      if (Object.hasOwn(changes, 'origins')) origins = newOrigins
      if (Object.hasOwn(changes, 'settings')) settings = changes.settings
      for (const reason of secretWarnings(changes)) log(logger, 'odd_secret', { reason })
    },
    close(drainOptions) {
      canary?.stop()
      return drain.run(drainOptions)
    },
  }
}

/** @throws {HeadcountError} `bad_option` where the engine does not record transitions. */
function receiverOf(
  webhooks: TransitionReceiver | undefined,
  engine: Engine,
  topics: TopicRules,
): TransitionReceiver | undefined {
  if (webhooks === undefined) return undefined
  if ('transitions' in engine) return shownTransitions(webhooks, topics)
  throw new HeadcountError('bad_option', 'webhooks: expected an engine that records transitions, got another')
}

/**
 * What the engine is to record; undefined for nothing.
 * @throws {HeadcountError} `bad_option` where there is something to record, and the engine cannot.
 */
function historyOf(engine: Engine, topics: TopicRules, maxTopics: number): HistoryOptions | undefined {
  const history = recordedTopics(topics, maxTopics)
  if (history === undefined || engine.history !== undefined) return history
  const expected = 'expected an engine that records histories, or patterns without one'
  throw new HeadcountError('bad_option', `engine: ${expected}, got an engine that does not`)
}

/** The kind of an error. Its message is left out, because it may quote what a client sent. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
