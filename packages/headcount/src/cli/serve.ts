import { randomBytes } from 'node:crypto'
import { deriveSecret, topicWarnings, version } from '@headcount/server'
import { lineLogger } from '../log.js'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { describe, settings as table } from '../settings/definitions.js'
import { parseFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { reloaded } from '../settings/reload.js'
import { configFlag, settingFlags } from '../settings/setting-flags.js'
import { processors } from '../workers/processors.js'
import { workerConfigIn } from '../workers/worker-config.js'
import type { Command } from './command.js'
import { drain } from './drain.js'
import { enginesOf } from './engines.js'
import type { Environment } from './environment.js'
import { lowFileLimit } from './file-limit.js'
import { flagRows, helpText } from './help.js'
import { answerReloads, StopRequested, StopRequests } from './requests.js'
import { type RunningServer, runServer } from './run-server.js'

const flags = [...settingFlags, configFlag]

/** `headcount serve`: runs a server until it is asked to stop. */
export const serve: Command = {
  help: helpText({
    usage: 'serve [flags]',
    about:
      'Starts a server. A flag wins over its variable (--log-level over HEADCOUNT_LOG_LEVEL), and both win over\n' +
      'the config file (headcount.config.ts, .js or .json in this folder). SIGTERM drains the server and ends it.\n' +
      'SIGHUP reloads secrets, keys, origins and the log level.',
    tables: {
      Flags: flagRows(flags),
      'Only in the environment or the config file': table.flatMap((setting) =>
        setting.flag === undefined && setting.env !== undefined ? [[setting.env, describe(setting)] as const] : [],
      ),
    },
  }),
  async run(args, environment) {
    const stops = new StopRequests(environment.onStop)
    const config = workerConfigIn(environment.env)
    if (config !== undefined) {
      // The primary passes on the new settings.
      environment.onReload(() => {})
      return (await import('./run-workers.js')).runWorker(config, stops)
    }
    const starting = start(args, environment, stops)
    answerReloads(environment.onReload, starting, async (running) => {
      if (running !== undefined && !stops.areMade) await reload(running)
    })
    const running = await starting
    if (running === undefined) return 0
    await drain(running.server, stops, running.settings, running.logger)
    return 0
  },
}

/** A running server, and the sources of its settings. */
type Running = NonNullable<Awaited<ReturnType<typeof start>>>

/** Reads the settings and starts a server. Resolves to undefined if it is asked to stop before it listens. */
async function start(args: readonly string[], { env, cwd, print }: Environment, { stopped }: StopRequests) {
  const load = (): Promise<Settings> => loadSettings({ flags: parseFlags(flags, args), env, cwd })
  const given = await load()
  const settings = withKeys(given)
  const logger = lineLogger(settings.logLevel)
  for (const reason of settings.warnings) log(logger, 'odd_setting', { reason })
  const size = settings.workers === 'auto' ? processors() : settings.workers
  const files = lowFileLimit(settings)
  if (files !== undefined) log(logger, 'few_files', { files, sockets: settings.limits.sockets })
  const { alone, host, startWebhooks } = await enginesOf(settings, logger)
  try {
    const workers = { size, args, host, startWebhooks, logger, stopped }
    const server: RunningServer =
      size === 1
        ? await runServer(settings, { logger, engine: alone(), stopped })
        : await (await import('./run-workers.js')).runWorkers(settings, workers)
    const { url, operatorUrl } = server
    const engine = settings.redis === undefined ? 'memory' : 'redis'
    log(logger, 'listening', { version, engine, ...(size > 1 && { workers: size }), url, operatorUrl })
    print(`Headcount is at ${url}`)
    if (operatorUrl !== undefined) print(`Dashboard: ${operatorUrl}/dashboard`)
    else if (given.operatorKey !== undefined) print(`Dashboard: ${url}/dashboard`)
    if (given.operatorKey === undefined) print(`Dashboard: ${url}/dashboard#key=${settings.operatorKey}`)
    // The settings as read, and the same with the keys that were generated.
    return { server, logger, load, given, settings }
  } catch (error) {
    if (!(error instanceof StopRequested)) throw error
    log(logger, 'stopped_early', { reason: error.message })
    return undefined
  }
}

/** Reads the settings again, and applies those that can be replaced. If one is invalid, none changes. */
async function reload(running: Running): Promise<void> {
  const { server, logger, load } = running
  try {
    const { settings, changed, needRestart } = reloaded(running.given, await load())
    await server.reload(settings)
    running.given = settings
    logger.level = settings.logLevel
    const warnings = [...settings.warnings, ...topicWarnings(settings.topics, settings)]
    for (const reason of warnings) log(logger, 'odd_setting', { reason })
    if (needRestart.length > 0) log(logger, 'restart_needed', { settings: needRestart })
    log(logger, 'reloaded', { changed })
  } catch (error) {
    log(logger, 'reload_failed', { reason: error instanceof Error ? error.message : String(error) })
  }
}

/** Generates missing keys for the life of the process. All workers get the same ones. */
function withKeys(settings: Settings): Settings {
  const random = (): string => randomBytes(32).toString('base64url')
  const { operatorKey = random(), auth } = settings
  // A reload of the JWT secret must not change the key of the hashes that is derived from it.
  const { secret = deriveSecret(auth.secret) ?? random() } = settings
  return { ...settings, operatorKey, secret }
}
