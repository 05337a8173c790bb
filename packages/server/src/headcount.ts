import cluster from 'node:cluster'
import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import {
  Canary,
  defaultFlush,
  defaultLease,
  defaultShieldTick,
  errorText,
  HeadcountError,
  LogLimiter,
  ManualPresences,
  maxDelay,
  memoryEngine,
  personKeys,
  Replica,
  systemClock,
  Turn,
  topicRules,
  type Update,
  withDefaults,
} from '@headcount/core'
import {
  type Counts,
  type DefaultGroup,
  defaultGroups,
  type Group,
  isLongPollPath,
  toCounts,
} from '@headcount/protocol'
import type { Headcount } from './application-interface.js'
import { deriveSecret } from './auth/secret.js'
import { authenticator } from './authenticate.js'
import { countsSource } from './counts-source.js'
import { Drain } from './drain.js'
import { historyOf, receiverOf } from './engine-abilities.js'
import { nameOf } from './error-name.js'
import { httpApp } from './http/app.js'
import { limitChunks } from './http/limit-chunks.js'
import { defaultHttpLimits } from './http/limits.js'
import { closeAfter, nodeListener } from './http/node-listener.js'
import { Pipelines } from './http/pipelines.js'
import { isOurs } from './http/routes.js'
import { log } from './log-events.js'
import { LongPolls } from './longpoll/long-polls.js'
import { PollRequests } from './longpoll/poll-requests.js'
import { memoryShare } from './memory-share.js'
import { createMetrics } from './metrics/prometheus.js'
import { freeFiles } from './open-files.js'
import { clientAddress } from './opening/client-address.js'
import { Openings } from './opening/openings.js'
import { Reports } from './operator/reports.js'
import { checkOptions, type HeadcountOptions } from './options.js'
import { originLog } from './origin-log.js'
import { Reloadable } from './reloadable.js'
import { secretWarnings } from './secret-warnings.js'
import { Access } from './sockets/access.js'
import { AddressLimit } from './sockets/address-limit.js'
import { Admission } from './sockets/admission.js'
import { defaultLimits } from './sockets/limits.js'
import { PresenceLimits } from './sockets/presence-limits.js'
import { Sockets } from './sockets/sockets.js'
import { stderrLogger } from './stderr-logger.js'
import { topicWarnings } from './topic-warnings.js'
import { version } from './version.js'
import { WebSockets } from './websocket/websockets.js'
import { WorkQueue } from './work-queue.js'

/** A topic that no pattern allows. */
const showsAll = { settle: 0, shield: 0 }

/** @throws {HeadcountError} `bad_option` if an option is unknown or invalid. */
export function createHeadcount<const G extends Group = DefaultGroup>(options: HeadcountOptions<G> = {}): Headcount<G> {
  checkOptions(options)
  const { logger = stderrLogger, metrics = createMetrics() } = options
  const clock = systemClock
  const logs = new LogLimiter(clock, logger)
  const { auth, origins, settings } = options
  const reloadable = new Reloadable({ auth, origins, settings }, logger, logs)
  const { allowsOrigin } = reloadable
  const { unit = 'connections', settle = 0, history: historyReaders = 'none' } = options
  const {
    engine = memoryEngine(),
    lease = defaultLease,
    shieldTick = defaultShieldTick,
    canary: canaryInterval = 0,
    authorize,
    operatorKey = randomBytes(24).toString('base64url'),
  } = options
  const groups = (options.groups ?? defaultGroups) as readonly G[]
  const limits = withDefaults(defaultLimits, options.limits)
  const httpLimits = withDefaults(defaultHttpLimits, options.http)
  const flush = withDefaults(defaultFlush, options.flush)
  const topics = topicRules(options.topics ?? ['*'], { unit, settle, history: historyReaders }, limits.topicBytes)
  const history = historyOf(engine, topics, limits.historyTopics)
  const keys = personKeys(options.secret ?? deriveSecret(options.auth?.secret) ?? randomBytes(32))
  for (const reason of secretWarnings(options)) log(logger, 'odd_secret', { reason })
  for (const reason of topicWarnings(topics.rules, options)) log(logger, 'odd_option', { reason })
  if (options.engine === undefined && cluster.isWorker) log(logger, 'counts_apart')
  // 18 bits, which other replicas receive: too short to check a guessed secret.
  const secretHash = topics.rules.some((rule) => rule.unit === 'people') ? keys('', 'user', '').slice(0, 3) : undefined
  const authenticate = authenticator(reloadable.verify, metrics, logs)

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
    ...{ limits, clock, memory: memoryShare, freeFiles, joinedTopics: () => replica.watched.joined },
    refused: (reason) => log(logs.by(reason), 'overloaded', { reason }),
  })
  const presenceLimits = new PresenceLimits(limits, turn)
  const addressLimit = new AddressLimit(limits.socketsPerAddress)
  const access = new Access(topics, clock, authorize, (reason) =>
    log(logs.by(`authorize ${reason}`), 'authorize_failed', { reason }),
  )
  const sockets = new Sockets({
    ...{ replica, topics, access, authenticate, keys, admission, addressLimit, presenceLimits, limits },
    ...{ clock, turn, work, metrics },
    expiredToken: () => reloadable.expiredToken,
  })
  const addressOf = clientAddress(options.trustProxy ?? [])
  const openings = new Openings(sockets, {
    ...{ authenticate, addressOf, allowsOrigin },
    refusedOrigin: originLog(clock, logger),
  })
  const webSockets = new WebSockets(sockets, openings)
  const polls = new LongPolls(sockets)
  const pollRequests = new PollRequests({
    ...{ polls, openings, addressLimit, metrics, allowsOrigin },
  })
  const presences = new ManualPresences(replica.tracker, topics, groups, keys)
  const trouble = (): string | undefined => {
    if (drain.hasBegun) return 'draining'
    return replica.trouble ?? admission.trouble ?? (sockets.size < limits.sockets ? undefined : 'sockets')
  }
  const refusesForMemory = (): boolean => admission.request() !== undefined
  const startedAt = clock.now()
  const reports: Reports = new Reports({
    ...{ replica, engine, groups, topics, lease, metrics, secretHash },
    status: () => ({
      ...{ version, uptime: Math.round((clock.now() - startedAt) / 1000), sockets: sockets.size },
      ...{ channels: admission.channels, observers: admission.observers, streams: http.streams.size },
      ...{ topics: watchedTopics(), lag: Math.round(admission.lag) },
      staleness: canary === undefined ? null : Math.round(canary.staleness),
      trouble: trouble() ?? null,
    }),
  })
  const http = httpApp({
    ...{ operator: reports, trouble, groups, metrics, operatorKey, clock, turn, addressOf, allowsOrigin },
    source: countsSource(sockets.context, engine),
    refusesForMemory,
    settings: () => reloadable.settings,
    maxTopicBytes: limits.topicBytes,
    maxStreams: httpLimits.streams,
    notAttached: () => log(logs.by('attach'), 'not_attached'),
    // While the engine is unreachable, every read fails.
    report: (error, route) =>
      log(logs.by(`request ${nameOf(error)}`), 'request_failed', { error: nameOf(error), route }),
  })
  const refused = (code: string): void => metrics.count('http_refused', 1, code)
  const listener = nodeListener(http.main, refused)
  const operatorListener = nodeListener(http.operator, refused)
  const pipelines = new Pipelines(work, refused, refusesForMemory)
  const stallTimeout = Math.min(httpLimits.stallTimeout, maxDelay)
  const answering = new Set<ServerResponse>()
  const take = (request: IncomingMessage, response: ServerResponse, answer: () => void): void => {
    limitChunks(request, () => refused('chunked'))
    pipelines.take(request, response, stallTimeout, () => {
      if (drain.hasBegun) closeAfter(response)
      answering.add(response)
      response.once('close', () => answering.delete(response))
      answer()
    })
  }

  const drain = new Drain({
    ...{ sockets, replica, clock },
    refuse() {
      openings.refuseAll()
      http.streams.close()
    },
    handled: () => new Promise((resolve) => work.add(resolve)),
    answering: () => answering.size,
    closed: () => webSockets.closed(),
  })

  metrics.gauge('sockets', () => sockets.size)
  metrics.gauge('pollers', () => polls.size)
  metrics.gauge('channels', () => admission.channels)
  metrics.gauge('observers', () => admission.observers)
  metrics.gauge('presences', () => replica.presences)
  const canary = canaryInterval > 0 ? new Canary({ replica, interval: canaryInterval, clock, metrics }) : undefined
  // The topic of the canary is internal.
  const watchedTopics = (): number => replica.watched.size - (canary?.isWatching ? 1 : 0)
  metrics.gauge('topics', watchedTopics)
  if (canary !== undefined) metrics.gauge('staleness_seconds', () => canary.staleness / 1000)
  metrics.gauge('ready', () => (trouble() === undefined ? 1 : 0))
  metrics.gauge('lease_seconds', () => lease / 1000)
  metrics.gauge('lease_age_seconds', () => replica.leaseAge / 1000)
  metrics.gauge('build_info', () => [{ labels: [version], value: 1 }])

  const hasBadge = (topic: string): boolean => topics.match(topic)?.badge === true
  const countsOf = ({ totals, below }: Update): Counts<G> => toCounts(groups, totals, below)
  const ready = replica.start()
  ready
    .then(() => {
      canary?.start()
      return reports.otherSecrets()
    })
    .then((replicas) => replicas > 0 && log(logger, 'secrets_differ', { replicas }))
    .catch(() => {})
  ready.catch((error: unknown) => log(logger, 'engine_open_failed', { error: nameOf(error), reason: errorText(error) }))

  return {
    get sockets() {
      return sockets.size
    },
    ready,
    // The types of HTTP/2 servers, requests and responses are not those of HTTP/1, but have all that is used.
    attach(server: Server) {
      if (typeof server?.listening !== 'boolean') {
        const expected = 'expected a server of node:http (of Express: what app.listen returns), got another object'
        throw new HeadcountError('bad_option', `attach: ${expected}`)
      }
      const accepted = (): void => work.accepted()
      server.on('connection', accepted)
      const detach = webSockets.attach(server)
      return () => {
        server.off('connection', accepted)
        detach()
      }
    },
    fetch: (request) => http.main.fetch(request, {}),
    handle(request: IncomingMessage, response: ServerResponse, next) {
      if (next !== undefined && !isOurs(request.url, hasBadge)) pipelines.take(request, response, 0, next)
      else if (isLongPollPath(request.url)) take(request, response, () => pollRequests.handle(request, response))
      else take(request, response, () => void listener(request, response))
    },
    operator: {
      key: operatorKey,
      handle: (request: IncomingMessage, response: ServerResponse) =>
        take(request, response, () => void operatorListener(request, response)),
    },
    track: (topic, key, trackOptions) => presences.track(topic, key, trackOptions),
    untrack: (topic, key) => presences.untrack(topic, key),
    async counts(topic) {
      // Presences tracked in this turn of the event loop are committed at its end.
      await new Promise<void>((resolve) => turn.run(resolve))
      const [update] = await replica.read([topic])
      return countsOf(update!)
    },
    on(event: string, listener) {
      if (event !== 'counts') throw new HeadcountError('bad_option', `on: expected the event "counts", got "${event}"`)
      return replica.scheduler.onFlush((update) => listener(update.topic, countsOf(update)))
    },
    reload: (changes) => reloadable.reload(changes),
    close(drainOptions) {
      canary?.stop()
      // Otherwise a proxy could send the next request while the connection is being closed.
      for (const response of answering) closeAfter(response)
      return drain.run(drainOptions)
    },
  }
}
