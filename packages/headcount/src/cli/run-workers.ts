import { systemClock } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import { lineLogger } from '../log.js'
import type { Settings } from '../settings/complete.js'
import { portOf } from '../workers/batched.js'
import { type PrimaryOptions, primary } from '../workers/primary.js'
import { connect, failureOf, type PrimaryFunctions, type WorkerFunctions } from '../workers/worker-channel.js'
import type { WorkerConfig } from '../workers/worker-config.js'
import { drain, drainTime } from './drain.js'
import { type Engines, enginesOf } from './engines.js'
import { freePort, operatorAddress, urlOf } from './listen.js'
import { StopRequested, type StopRequests } from './requests.js'
import { type RunningServer, runServer } from './run-server.js'

/** How long, in ms, the primary waits for the drain of a worker, besides its delay and the closing of sockets. */
const workerDrainTimeout = 7_000

interface WorkersOptions extends Pick<PrimaryOptions, 'size' | 'args' | 'host' | 'logger'> {
  readonly startWebhooks: Engines['startWebhooks']
  readonly stopped: Promise<never>
}

/** Starts several processes that serve as one. Resolves when all of them listen. */
export async function runWorkers(
  given: Settings,
  { stopped, startWebhooks, ...options }: WorkersOptions,
): Promise<RunningServer> {
  const givenOperator = operatorAddress(given)
  const operatorPort = givenOperator && (await freePort(givenOperator))
  const settings = { ...given, port: await freePort(given), operatorPort }
  const operator = operatorAddress(settings)
  const { pool, metrics, reload } = primary({ ...options, settings, clock: systemClock })
  const webhooks = await startWebhooks?.(metrics)
  await pool.start(stopped, workerDrainTimeout + drainTime(given))
  // The timers of the clock do not keep the process alive while no worker runs and restarts are pending.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const drain = async ({ isUrgent = false } = {}): Promise<undefined> => {
    await pool.stop(workerDrainTimeout + (isUrgent ? 0 : drainTime(given)))
    await webhooks?.stop()
    clearInterval(keepAlive)
  }
  const { port, secret, operatorKey } = settings
  return {
    ...{ url: urlOf(settings), operatorUrl: operator && urlOf(operator), drain },
    async reload(changed) {
      await reload({ ...changed, port, secret, operatorKey })
      webhooks?.reload(changed.webhooks)
    },
  }
}

/** A process that the primary forked: serves until it is asked to stop, and exits with the primary. */
export async function runWorker({ worker, settings }: WorkerConfig, stops: StopRequests): Promise<number> {
  const logger = lineLogger(settings.logLevel, { worker })
  const own = createMetrics()
  const primaryProcess = connect<Required<PrimaryFunctions>, WorkerFunctions>(portOf(process), systemClock, {
    metrics: () => own.snapshot(),
    changed: (topic, totals, watch) => engine.receive(topic, totals, watch),
    received: (text) => engine.receiveText(text),
    ping() {},
    async reload(changed) {
      await server?.reload(changed)
      logger.level = changed.logLevel
    },
  })
  let server: RunningServer | undefined
  const engine = (await enginesOf(settings, logger)).worker(primaryProcess)
  try {
    const metrics = { ...own, text: () => primaryProcess.metrics() }
    server = await runServer(settings, { logger, engine, metrics, stopped: stops.stopped, shared: true })
    await primaryProcess.started()
    await drain(server, stops, settings, logger)
    return 0
  } catch (error) {
    if (error instanceof StopRequested) return 0
    await primaryProcess.failed(failureOf(error))
    return 1
  } finally {
    // The channel must not keep the process alive.
    process.channel?.unref()
  }
}
