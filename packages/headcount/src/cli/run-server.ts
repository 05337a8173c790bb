import { type Engine, errorText, type Logger, LogLimiter, type Metrics, systemClock } from '@headcount/core'
import { createHeadcount, createMetrics } from '@headcount/server'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { badSetting } from '../settings/settings-errors.js'
import { ConnectionLimit } from './connection-limit.js'
import { createHttpServer } from './http-server.js'
import { listen, operatorAddress, stopListening, urlOf } from './listen.js'

/** How many sockets per second are closed without a `drainOver`, and the maximum duration in ms. */
const drainRate = 500
export const maxDrainOver = 20_000

/** The duration, in ms, over which to close this number of sockets. */
function drainOver(sockets: number): number {
  return Math.min((sockets / drainRate) * 1000, maxDrainOver)
}

export interface RunningServer {
  /** For a browser on this machine. */
  readonly url: string
  /** The same of the operator port, if there is one. */
  readonly operatorUrl: string | undefined
  /** Applies the settings that can be replaced. */
  reload(settings: Settings): Promise<void>
  /** The number of open sockets; undefined if workers have them. */
  readonly sockets?: number
  /**
   * Closes sockets, finishes requests, and closes the server. A second call completes the first one at once. Resolves
   * with the number of sockets that were closed, if it is known.
   */
  drain(options?: { readonly isUrgent?: boolean }): Promise<number | undefined>
}

export interface ServerParts {
  readonly logger: Logger
  readonly engine: Engine
  readonly metrics?: Metrics
  /** Rejects if the server is asked to stop before it listens. */
  readonly stopped?: Promise<never>
  /** Whether other workers listen on the same port. */
  readonly shared?: boolean
}

/**
 * Starts a server. Resolves when it listens.
 * @throws {HeadcountError} if the engine cannot be opened, or the address cannot be listened on.
 */
export async function runServer(settings: Settings, given: ServerParts): Promise<RunningServer> {
  const { shared = false, metrics = createMetrics(), stopped = new Promise<never>(() => {}), ...parts } = given
  const { host, port, redis, operatorKey } = settings
  const { groups, topics, secret, trustProxy, lease, canary, shieldTick, limits, flush, http } = settings
  const { streams, stallTimeout } = http
  const counting = { groups, topics, secret, trustProxy, lease, canary, shieldTick, limits, flush }
  const webhooks = await webhooksOf(settings, { ...parts, metrics })
  const options = { ...reloadOptions(settings), ...counting, operatorKey, webhooks }
  const headcount = createHeadcount({ ...options, ...parts, metrics, http: { streams, stallTimeout } })
  const server = createHttpServer(http, metrics, (request, response) => headcount.handle(request, response))
  const operatorServer = createHttpServer(http, metrics, (request, response) =>
    headcount.operator.handle(request, response),
  )
  headcount.attach(server)
  const logs = new LogLimiter(systemClock, parts.logger)
  const connectionLimit = new ConnectionLimit(metrics, logs)
  for (const each of [server, operatorServer]) connectionLimit.apply(each)
  let closed = 0
  const drain = async ({ isUrgent = false } = {}): Promise<number> => {
    const delay = isUrgent ? 0 : settings.drainDelay
    const over = isUrgent ? 0 : (settings.drainOver ?? drainOver(headcount.sockets))
    let stopping: Promise<unknown> | undefined
    let ended = (): void => {}
    const answered = new Promise<void>((resolve) => {
      ended = resolve
    })
    const stop = (): void => {
      // Polls are answered with the batches of their sockets.
      stopping ??= Promise.all([stopListening(server, answered), stopListening(operatorServer)])
    }
    const closing = (sockets: number): void => {
      closed += sockets
    }
    await headcount.close({ delay, over, refused: stop, closing }).finally(ended)
    stop()
    await stopping
    return closed
  }
  try {
    const ready = headcount.ready.catch((error: unknown) => {
      throw redis === undefined ? error : redisError(redis, error)
    })
    await Promise.race([ready, stopped])
    const operator = operatorAddress(settings)
    const operatorUrl = operator && urlOf({ ...operator, port: await listen(operatorServer, operator, shared) })
    const url = urlOf({ host, port: await listen(server, { host, port }, shared) })
    server.on('error', ({ name: error }) => log(logs.by(error), 'accept_failed', { error }))
    return {
      ...{ url, operatorUrl, drain },
      get sockets() {
        return headcount.sockets
      },
      async reload(changed) {
        headcount.reload(reloadOptions(changed))
        webhooks?.reload(changed.webhooks)
      },
    }
  } catch (error) {
    await drain({ isUrgent: true })
    throw error
  }
}

/** Not if the engine does not record transitions: for workers in memory, the primary does. */
async function webhooksOf(
  { webhooks, groups }: Settings,
  { engine, logger, metrics }: Required<Pick<ServerParts, 'engine' | 'logger' | 'metrics'>>,
) {
  if (webhooks.length === 0 || !('transitions' in engine)) return undefined
  const { createWebhooks } = await import('@headcount/webhooks')
  return createWebhooks(webhooks, { groups, logger, metrics })
}

function reloadOptions({ auth, origins, effective: settings }: Settings) {
  return { auth: auth.secret === undefined && auth.jwksUrl === undefined ? undefined : auth, origins, settings }
}

function redisError(urls: readonly string[], cause: unknown): Error {
  const hint = urls.length > 1 ? ' (several URLs are for a Redis Cluster)' : ''
  return badSetting(`--redis (HEADCOUNT_REDIS_URL): expected a usable Redis, got: ${errorText(cause)}${hint}`, cause)
}
