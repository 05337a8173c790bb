import { createServer } from 'node:http'
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
import { helpText } from './help.js'
import { listen, stopListening, urlOf } from './listen.js'

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
    const stop = await start(settings, logger, around)
    logger.info({ signal: await stopped }, 'draining')
    await stop()
    logger.info({}, 'stopped')
    return 0
  },
}

/** Starts a server as the settings say. Resolves when it listens, with what drains and ends it. */
async function start(
  settings: Settings,
  logger: Logger,
  { print }: Surroundings,
): Promise<() => Promise<void>> {
  const headcount = createHeadcount({ ...optionsOf(settings), logger })
  const server = createServer((request, response) => headcount.handle(request, response))
  headcount.attach(server)
  try {
    await headcount.ready
    const port = await listen(server, settings)
    print(`Headcount is at ${urlOf({ host: settings.host, port })}`)
  } catch (error) {
    await headcount.close()
    throw error
  }
  return async () => {
    const ended = stopListening(server)
    await headcount.close()
    await ended
  }
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

/** Resolves at the first signal. The next one kills, as if nobody listened. */
function askedToStop({ onStop }: Surroundings): Promise<string> {
  return new Promise((resolve) => {
    const undo = onStop((signal) => {
      undo()
      resolve(signal)
    })
  })
}
