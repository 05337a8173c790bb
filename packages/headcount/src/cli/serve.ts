import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from '@headcount/core'
import { systemClock } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import { lineLogger } from '../log.js'
import { configFlag, type Flag, loadSettings, parseFlags, type Settings, settingsTable } from '../settings/index.js'
import { controlledBy } from '../workers/control.js'
import { loggerOf } from '../workers/logger.js'
import { type Orders, ordersIn } from '../workers/orders.js'
import { portOf } from '../workers/port.js'
import { workerPool } from '../workers/primary.js'
import type { Command, Surroundings } from './command.js'
import { type Engines, enginesOf } from './engines.js'
import { helpText } from './help.js'
import { type Address, listen, stopListening, urlOf } from './listen.js'
import { start, type Up } from './start.js'

const flags: readonly Flag[] = [...settingsTable.flatMap(({ flag }) => flag ?? []), configFlag]

/** `headcount serve`: a server, until somebody asks it to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'start a server',
  help: helpText({
    usage: 'serve [flags]',
    about:
      'Starts a server. Each flag has an environment variable (--log-level has HEADCOUNT_LOG_LEVEL); a flag wins\n' +
      'over it, and both win over the config file. SIGTERM sends clients away to come back, and ends the process.',
    flags,
    more: [
      {
        title: 'In the environment or the config file alone',
        rows: settingsTable.flatMap(({ flag, env, help }) => (flag === undefined ? [[env, help] as const] : [])),
      },
    ],
  }),
  async run(args, around) {
    const stopped = askedToStop(around)
    const orders = ordersIn(around.env)
    if (orders !== undefined) return serveAsWorker(orders, stopped)
    const given = await loadSettings({ flags: parseFlags(flags, args), env: around.env, cwd: around.cwd })
    const logger = lineLogger(given.logLevel)
    const engines = await enginesOf(given, logger)
    const settings = withSecrets(given)
    for (const warning of settings.warnings) logger.warn({}, warning)
    const size = settings.workers === 'auto' ? availableParallelism() : settings.workers
    const { url, drain } =
      size === 1
        ? await start(settings, { logger, engine: engines.engine() })
        : await startWorkers(settings, { size, args, engines, logger })
    around.print(`Headcount is at ${url}`)
    await drained(stopped, drain, logger)
    return 0
  },
}

interface Workers {
  readonly size: number
  readonly args: readonly string[]
  readonly engines: Engines
  readonly logger: Logger
}

/** Starts so many processes that serve as one. Resolves when all of them listen. */
async function startWorkers(given: Settings, { size, args, engines, logger }: Workers): Promise<Up> {
  const { host } = given
  const port = await freePort(given)
  const settings = { ...given, port }
  const pool = workerPool({
    ...{ size, args, settings, logger, clock: systemClock },
    host: engines.host,
  })
  await pool.start()
  return {
    url: urlOf({ host, port }),
    drain: async () => void (await pool.stop(longestWorkerDrain)),
  }
}

/** A port that every worker can take: where there is none, that is said here, once. */
async function freePort(address: Address): Promise<number> {
  const server = createServer()
  const port = await listen(server, address)
  await stopListening(server)
  return port
}

/** A process that the primary has forked: serves until it is asked to stop, and ends with the primary. */
async function serveAsWorker({ worker, settings }: Orders, stopped: Promise<string>): Promise<number> {
  const logger = loggerOf(worker, lineLogger(settings.logLevel))
  const port = portOf(process)
  const primary = controlledBy(port, createMetrics())
  try {
    const engine = (await enginesOf(settings, logger)).engine(port)
    const { drain } = await start(settings, {
      logger,
      engine,
      metrics: primary.metrics,
    })
    primary.started()
    await drained(stopped, drain, logger)
    return 0
  } catch (error) {
    primary.failed(error)
    return 1
  } finally {
    // The primary is not what keeps a worker alive.
    process.channel?.unref()
  }
}

/**
 * With the secrets that nobody gave made up, for as long as the process lives: what signs the people of the demo, and
 * what keys the hashes of people.
 */
function withSecrets(settings: Settings): Settings {
  const { auth, secret } = settings
  const made = (): string => randomBytes(32).toString('base64url')
  if (auth.secret !== undefined) return settings
  return { ...settings, secret: secret ?? made() }
}

/**
 * Resolves at the first signal. Further ones change nothing: npm passes a Ctrl-C on that the terminal has sent already,
 * and the drain ends by itself.
 */
function askedToStop({ onStop }: Surroundings): Promise<string> {
  return new Promise((resolve) => onStop(resolve))
}

/** Longest drain, in ms: Docker kills after 10 s. */
const longestDrain = 8_000
/** After so long, in ms, a worker that has not drained is ended. */
const longestWorkerDrain = 7_000

/** Drains when somebody asks to stop. Resolves when that is done, or when it takes too long. */
async function drained(stopped: Promise<string>, drain: () => Promise<void>, logger: Logger): Promise<void> {
  logger.info({ signal: await stopped }, 'draining')
  const late = new AbortController()
  const tooLong = setTimeout(longestDrain, false, { signal: late.signal }).catch(() => true)
  const inTime = await Promise.race([drain().then(() => true), tooLong])
  late.abort()
  if (inTime) logger.info({}, 'stopped')
  else logger.warn({ ms: longestDrain }, 'expected to drain in time, got no end; stopping all the same')
}
