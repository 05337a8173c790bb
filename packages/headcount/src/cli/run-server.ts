import { type Engine, type Logger, LogLimiter, type Metrics, systemClock } from '@headcount/core'
import { createHeadcount, createMetrics } from '@headcount/server'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { badSetting } from '../settings/settings-errors.js'
import { createHttpServer } from './http-server.js'
import { listen, stopListening, urlOf } from './listen.js'

/** How many sockets a second are sent away without a `drainOver`, and for how many ms at most. */
const drainRate = 500
export const maxDrainOver = 20_000

/** How long, in ms, to close so many sockets over. */
function drainOver(sockets: number): number {
  return Math.min((sockets / drainRate) * 1000, maxDrainOver)
}

/** A server that listens. */
export interface RunningServer {
  /** For a browser on this machine. */
  readonly url: string
  /** Sends clients away, finishes requests, and closes. A second call makes the first one hurry. */
  drain(options?: { readonly isUrgent?: boolean }): Promise<void>
}

export interface ServerParts {
  readonly logger: Logger
  readonly engine: Engine
  readonly metrics?: Metrics
  /** Whether other workers listen on the same port. */
  readonly shared?: boolean
}

/**
 * Starts a server. Resolves when it listens.
 * @throws {HeadcountError} where the engine cannot be opened, or the address cannot be listened on.
 */
export async function runServer(settings: Settings, given: ServerParts): Promise<RunningServer> {
  const { shared = false, metrics = createMetrics(), ...parts } = given
  const { host, port, redis, operatorHost, operatorPort, operatorKey } = settings
  const { groups, topics, secret, origins, trustProxy, lease, limits, flush, http } = settings
  const { streams, stallTimeout } = http
  const auth = settings.auth.secret === undefined && settings.auth.jwksUrl === undefined ? undefined : settings.auth
  const options = { groups, topics, auth, secret, origins, trustProxy, lease, limits, flush, operatorKey }
  const headcount = createHeadcount({ ...options, ...parts, metrics, http: { streams, stallTimeout } })
  const server = createHttpServer(http, metrics, (request, response) => headcount.handle(request, response))
  const operatorServer = createHttpServer(http, metrics, (request, response) =>
    headcount.operator.handle(request, response),
  )
  headcount.attach(server)
  const drain = async ({ isUrgent = false } = {}): Promise<void> => {
    const delay = isUrgent ? 0 : settings.drainDelay
    const over = isUrgent ? 0 : (settings.drainOver ?? drainOver(headcount.sockets))
    let stopped: Promise<unknown> | undefined
    const stop = (): void => {
      stopped ??= Promise.all([stopListening(server), stopListening(operatorServer)])
    }
    await headcount.close({ delay, over, refused: stop })
    stop()
    await stopped
  }
  try {
    await headcount.ready.catch((error: unknown) => {
      throw redis === undefined ? error : redisError(redis, error)
    })
    if (operatorPort !== undefined) await listen(operatorServer, { host: operatorHost, port: operatorPort }, shared)
    const url = urlOf({ host, port: await listen(server, { host, port }, shared) })
    const logs = new LogLimiter(systemClock, parts.logger)
    server.on('error', ({ name: error }) => log(logs.by(error), 'accept_failed', { error }))
    return { url, drain }
  } catch (error) {
    await drain({ isUrgent: true })
    throw error
  }
}

function redisError(urls: readonly string[], cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = urls.length > 1 ? ' (several URLs are for a Redis Cluster)' : ''
  return badSetting(`--redis (HEADCOUNT_REDIS_URL): expected a usable Redis, got: ${reason}${hint}`, cause)
}
