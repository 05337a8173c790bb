import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { HeadcountError } from '../errors.js'
import { createHeadcount, type HeadcountOptions } from '../headcount.js'
import { type Logger, lineLogger } from '../log.js'
import {
  configFlag,
  type Flag,
  loadSettings,
  parseFlags,
  type Settings,
  settingsTable,
} from '../settings/index.js'
import type { Command, Surroundings } from './command.js'
import { type DemoSettings, demoOf } from './demo.js'
import { helpText } from './help.js'
import { listen, socketsUrlOf, stopListening, urlOf } from './listen.js'

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
        rows: settingsTable.flatMap(({ flag, env, help }) =>
          flag === undefined ? [[env, help] as const] : [],
        ),
      },
    ],
  }),
  async run(args, around) {
    const stopped = askedToStop(around)
    const settings = await loadSettings({ flags: parseFlags(flags, args), env: around.env, cwd: around.cwd })
    refuseWhatIsToCome(settings)
    const logger = lineLogger(settings.logLevel)
    for (const warning of settings.warnings) logger.warn({}, warning)
    const drain = await start(settings, logger, around)
    logger.info({ signal: await stopped }, 'draining')
    await drained(drain(), logger)
    return 0
  },
}

/** Starts a server as the settings say. Resolves when it listens, with what drains and ends it. */
async function start(
  settings: Settings,
  logger: Logger,
  { print }: Surroundings,
): Promise<() => Promise<void>> {
  const { host } = settings
  let { port } = settings
  const auth = withDemoSecret(settings)
  const demo = auth && demoOf({ auth, logger, url: () => socketsUrlOf({ host, port }) })
  const headcount = createHeadcount({ ...optionsOf(settings), ...(auth && { auth }), demo, logger })
  const server = createServer((request, response) => headcount.handle(request, response))
  headcount.attach(server)
  const drain = async (): Promise<void> => {
    await Promise.all([stopListening(server), demo?.stop(), headcount.close()])
  }
  try {
    await headcount.ready
    port = await listen(server, { host, port })
  } catch (error) {
    await drain()
    throw error
  }
  server.on('error', ({ name }) => logger.error({ error: name }, 'a connection could not be taken'))
  print(`Headcount is at ${urlOf({ host, port })}`)
  return drain
}

function optionsOf({
  groups,
  topics,
  auth,
  secret,
  origins,
  lease,
  limits,
  flush,
}: Settings): HeadcountOptions {
  return { groups, topics, auth, secret, origins, lease, limits, flush }
}

/** With the demo, what signs its people in: the secret of the settings, or else one for as long as the process lives. */
function withDemoSecret({ demo, auth }: Settings): DemoSettings['auth'] | undefined {
  return demo ? { ...auth, secret: auth.secret ?? randomBytes(32).toString('base64url') } : undefined
}

/** The one place that knows which settings are read already and not yet obeyed. */
function refuseWhatIsToCome({ redis, workers }: Settings): void {
  const toCome = (setting: string, expected: string, got: string): HeadcountError =>
    new HeadcountError(
      'bad_setting',
      `${setting}: expected ${expected}, got ${got}, which this version cannot do yet`,
    )
  if (redis.length > 0) throw toCome('--redis (HEADCOUNT_REDIS_URL)', 'no Redis', `${redis.length} URL(s)`)
  if (workers !== 1) throw toCome('--workers (HEADCOUNT_WORKERS)', '1', String(workers))
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

/** Resolves when `drain` is done, or when that takes too long. */
async function drained(drain: Promise<void>, logger: Logger): Promise<void> {
  const late = new AbortController()
  const tooLong = setTimeout(longestDrain, false, { signal: late.signal }).catch(() => true)
  const inTime = await Promise.race([drain.then(() => true), tooLong])
  late.abort()
  if (inTime) logger.info({}, 'stopped')
  else logger.warn({ ms: longestDrain }, 'expected to drain in time, got no end; stopping all the same')
}
