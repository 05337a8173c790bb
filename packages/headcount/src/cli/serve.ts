import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { type Logger, systemClock } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import { lineLogger } from '../log.js'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { describe, settings as table } from '../settings/definitions.js'
import { configFlag, parseFlags, settingFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { portOf } from '../workers/batched.js'
import { type PrimaryOptions, type WorkerConfig, workerConfigIn, workerPool } from '../workers/primary.js'
import { connect, failureOf, type PrimaryFunctions, type WorkerFunctions } from '../workers/worker-channel.js'
import type { Command } from './command.js'
import { enginesOf } from './engines.js'
import type { Environment } from './environment.js'
import { flagRows, helpText } from './help.js'
import { type Address, listen, stopListening, urlOf } from './listen.js'
import { maxDrainOver, type RunningServer, runServer } from './run-server.js'

const flags = [...settingFlags, configFlag]

/** `headcount serve`: runs a server until it is asked to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'start a server',
  help: helpText({
    usage: 'serve [flags]',
    about:
      'Starts a server. A flag wins over its variable (--log-level over HEADCOUNT_LOG_LEVEL), and both win over the\n' +
      'config file (headcount.config.ts, .js or .json in this folder). SIGTERM drains the server and ends it.',
    tables: {
      Flags: flagRows(flags),
      'Only in the environment or the config file': table.flatMap((setting) =>
        setting.flag === undefined && setting.env !== undefined ? [[setting.env, describe(setting)] as const] : [],
      ),
    },
  }),
  async run(args, { env, cwd, print, onStop }) {
    const stops = new StopRequests(onStop)
    const config = workerConfigIn(env)
    if (config !== undefined) return runWorker(config, stops)

    const given = await loadSettings({ flags: parseFlags(flags, args), env, cwd })
    const settings = withKeys(given)
    const logger = lineLogger(settings.logLevel)
    for (const reason of settings.warnings) log(logger, 'odd_setting', { reason })
    const size = settings.workers === 'auto' ? availableParallelism() : settings.workers
    const { alone, host } = await enginesOf(settings, logger)
    const server: RunningServer =
      size === 1
        ? await runServer(settings, { logger, engine: alone() })
        : await runWorkers(settings, { size, args, host, logger })
    print(`Headcount is at ${server.url}`)
    if (given.operatorKey === undefined) print(`Metrics: ${server.url}/metrics?access_token=${settings.operatorKey}`)
    await drain(server, stops, settings, logger)
    return 0
  },
}

/** The requests to stop this process. */
class StopRequests {
  readonly first: Promise<string>
  #next = (): void => {}

  constructor(onStop: Environment['onStop']) {
    this.first = new Promise((resolve) => {
      let isFirst = true
      onStop((reason) => {
        if (isFirst) resolve(reason)
        else this.#next()
        isFirst = false
      })
    })
  }

  /** Calls `listener` at each request after the first. */
  onNext(listener: () => void): void {
    this.#next = listener
  }
}

/** Generates the keys that were not given, for as long as the process lives. All workers get the same ones. */
function withKeys(settings: Settings): Settings {
  const random = (): string => randomBytes(32).toString('base64url')
  const { operatorKey = random(), auth } = settings
  // Without it the server derives the key of the hashes from the JWT secret.
  const secret = settings.secret ?? (auth.secret === undefined ? random() : undefined)
  return { ...settings, operatorKey, secret }
}

/** How long, in ms, a drain may take beside its delay and the closing of sockets. */
const drainTimeout = 8_000

/** The same for a worker, which the primary waits for. */
const workerDrainTimeout = 7_000

/** How long, in ms, the settings let a drain take. */
const drainTime = ({ drainDelay, drainOver = maxDrainOver }: Settings): number => drainDelay + drainOver

/** Starts several processes that serve as one. Resolves when all of them listen. */
async function runWorkers(given: Settings, options: Pick<PrimaryOptions, 'size' | 'args' | 'host' | 'logger'>) {
  const settings = { ...given, port: await freePort(given) }
  const pool = workerPool({ ...options, settings, clock: systemClock })
  await pool.start()
  // The timers of the clock do not keep the process alive while all workers have exited and wait for their restart.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const drain = ({ isUrgent = false } = {}): Promise<void> =>
    pool.stop(workerDrainTimeout + (isUrgent ? 0 : drainTime(given))).finally(() => clearInterval(keepAlive))
  return { url: urlOf(settings), drain }
}

/** A port that every worker can listen on. @throws {HeadcountError} where there is none. */
async function freePort(address: Address): Promise<number> {
  const server = createServer()
  const port = await listen(server, address)
  await stopListening(server)
  return port
}

/** A process that the primary forked: serves until it is asked to stop, and exits with the primary. */
async function runWorker({ worker, settings }: WorkerConfig, stops: StopRequests): Promise<number> {
  const logger = lineLogger(settings.logLevel, { worker })
  const own = createMetrics()
  const primary = connect<Required<PrimaryFunctions>, WorkerFunctions>(portOf(process), systemClock, {
    metrics: () => own.snapshot(),
    changed: (topic, totals, watch) => engine.receive(topic, totals, watch),
  })
  const engine = (await enginesOf(settings, logger)).worker(primary)
  try {
    const metrics = { ...own, text: () => primary.metrics() }
    const server = await runServer(settings, { logger, engine, metrics, shared: true })
    await primary.started()
    await drain(server, stops, settings, logger)
    return 0
  } catch (error) {
    await primary.failed(failureOf(error))
    return 1
  } finally {
    // The channel must not keep the process alive.
    process.channel?.unref()
  }
}

/**
 * Drains the server when it is asked to stop: at once on Ctrl-C and on a second request. Resolves when that is done, or
 * takes too long.
 */
async function drain(server: RunningServer, stops: StopRequests, settings: Settings, logger: Logger): Promise<void> {
  const reason = await stops.first
  const isUrgent = reason !== 'SIGTERM'
  const ms = drainTimeout + (isUrgent ? 0 : drainTime(settings))
  log(logger, 'draining', { reason })
  const start = performance.now()
  stops.onNext(() => {
    log(logger, 'drain_hurried')
    void server.drain({ isUrgent: true })
  })
  const finished = new AbortController()
  const late = setTimeout(ms, true, { signal: finished.signal }).catch(() => false)
  if (await Promise.race([late, server.drain({ isUrgent })])) log(logger, 'drain_timed_out', { ms })
  else log(logger, 'stopped', { seconds: Math.round(performance.now() - start) / 1000 })
  finished.abort()
}
