import { randomUUID } from 'node:crypto'
import { errorText, HeadcountError, silentLogger } from '@headcount/core'
import { createAuth, openFiles, secretWarnings, topicWarnings } from '@headcount/server'
import type { Settings } from '../settings/complete.js'
import { parseFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { configFlag, settingFlags } from '../settings/setting-flags.js'
import type { Command } from './command.js'
import { enginesOf } from './engines.js'
import { lowFileLimit } from './file-limit.js'
import { flagRows, helpText } from './help.js'
import { type Address, freePort, operatorAddress } from './listen.js'

/** A finding: `fail` means that a server would not start, or not work. */
type Finding = readonly ['ok' | 'warn' | 'fail', text: string]

/** @throws an error, which is a failure. */
type Check = (settings: Settings) => Promise<readonly Finding[]>

const flags = [...settingFlags, configFlag]

/** Allowed clock difference, in ms, before tokens and figures are affected. */
const maxClockError = 2_000

/** `headcount check`: checks everything that a server with these settings needs, and reports problems. */
export const check: Command = {
  help: helpText({
    usage: 'check [flags]',
    about:
      'Reads the settings as `headcount serve` would with the same flags, and checks what they need: secrets,\n' +
      'Redis, keys of tokens, clocks, open files and ports. Prints a line for each finding. Exits with 1 if one fails.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, { env, cwd, print }) {
    let failed = false
    const add = (name: string, found: readonly Finding[]): void => {
      for (const [level, text] of found) print(`${level.padEnd(4)}  ${name.padEnd(nameWidth)}  ${text}`)
      failed ||= found.some(([level]) => level === 'fail')
    }
    const settings = await loadSettings({ flags: parseFlags(flags, args), env, cwd }).catch((error: unknown) => {
      if (!(error instanceof HeadcountError)) throw error
      add(
        'settings',
        error.message.split('\n').map((line) => ['fail', line]),
      )
      return undefined
    })
    if (settings !== undefined) {
      add('config file', [['ok', settings.configFile ?? `none in ${cwd}`]])
      add('settings', warningsOr('valid', [...settings.warnings, ...topicWarnings(settings.topics, settings)]))
      const failure = (error: unknown): Finding[] => [['fail', errorText(error)]]
      const found = Object.entries(checks).map(([name, find]) => [name, find(settings).catch(failure)] as const)
      for (const [name, findings] of found) add(name, await findings)
    }
    return failed ? 1 : 0
  },
}

const warningsOr = (fine: string, warnings: readonly string[]): Finding[] =>
  warnings.length === 0 ? [['ok', fine]] : warnings.map((text) => ['warn', text])

/** Checks that may wait for another machine are last: each line is printed as soon as it is known. */
const checks: Readonly<Record<string, Check>> = {
  secrets: async ({ auth, secret, operatorKey }) =>
    warningsOr('none is short or cut off', secretWarnings({ auth, secret, operatorKey })),
  files: findFiles,
  port: ({ host, port }) => findPort({ host, port }),
  async 'operator port'(settings) {
    const address = operatorAddress(settings)
    return address === undefined ? [] : findPort(address)
  },
  webhooks: async ({ webhooks: { length } }) =>
    length === 0 ? [] : [['ok', `${length} ${length === 1 ? 'receiver' : 'receivers'}, not tried`]],
  tokens: findKeys,
  engine: findEngine,
}

const nameWidth = Math.max(...Object.keys(checks).map(({ length }) => length))

async function findKeys({ auth }: Settings): Promise<readonly Finding[]> {
  const { jwksUrl, secret = [] } = auth
  const found: Finding[] = []
  if (secret.length > 0)
    found.push(['ok', `${secret.length === 1 ? 'a secret verifies' : 'secrets verify'} HS256 to HS512`])
  if (jwksUrl !== undefined) {
    const url = new URL(jwksUrl).origin
    const keys = await createAuth(auth)
      .refetchKeys()
      .catch((error: unknown) => {
        throw new Error(`expected a JWKS from ${url}, got: ${errorText(error)}`)
      })
    found.push(['ok', `${url} has ${keys} keys`])
    found.push(...(await findIssuerClock(jwksUrl)))
  }
  return found.length > 0 ? found : [['ok', 'not verified: everyone is a viewer']]
}

/** Compares our clock with that of the key server, in whole seconds: tokens expire by its time. */
async function findIssuerClock(url: string): Promise<readonly Finding[]> {
  const response = await fetch(url, { method: 'HEAD', redirect: 'error', signal: AbortSignal.timeout(5_000) })
  const date = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(date) ? [] : clockFinding('the key server', date - Date.now())
}

function clockFinding(whose: string, ahead: number): readonly Finding[] {
  const seconds = Math.round(Math.abs(ahead) / 100) / 10
  const direction = ahead > 0 ? 'ahead of' : 'behind'
  return Math.abs(ahead) <= maxClockError
    ? [['ok', `the clock agrees with that of ${whose}`]]
    : [['warn', `the clock of ${whose} is ${seconds} s ${direction} ours; synchronise both`]]
}

/** Joins the cluster as a replica without clients, and leaves it: that checks permissions, groups and writes. */
async function findEngine(settings: Settings): Promise<readonly Finding[]> {
  const { redis: urls, redisPrefix: prefix, lease, groups } = settings
  if (urls === undefined) return [['ok', 'in memory: one machine']]
  const { inspectRedis } = await import('@headcount/redis')
  const { version, isCluster, evictionPolicy, latency, clockAhead } = await inspectRedis({ urls, prefix })
  const engine = (await enginesOf(settings, silentLogger)).alone()
  await engine.open(randomUUID(), { groups: groups?.length ?? 2, lease, changed: () => {} })
  // A server starts while Redis refuses writes, but is not ready.
  await engine.commit([]).finally(() => engine.close())
  const kind = `${version ?? 'Redis'}${isCluster ? ', a cluster' : ''}`
  const found: Finding[] = [['ok', `${kind} accepts our commands; a round trip takes ${latency.toFixed(1)} ms`]]
  if (version !== undefined && isOld(version)) found.push(['fail', `expected Redis 6.2 or later, got ${version}`])
  if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction') {
    found.push(['warn', `expected maxmemory-policy noeviction, got ${evictionPolicy}, which may remove counts`])
  }
  return [...found, ...clockFinding('Redis', clockAhead)]
}

const isOld = (version: string): boolean =>
  version.startsWith('Redis ') && version.slice(6).localeCompare('6.2', 'en', { numeric: true }) < 0

async function findFiles(settings: Settings): Promise<readonly Finding[]> {
  const low = lowFileLimit(settings)
  const limit = openFiles()?.limit
  if (low !== undefined) return [['warn', `${low} files may be open, fewer than sockets may; raise it (ulimit -n)`]]
  return [['ok', limit === undefined ? 'this system does not report its limit' : `${limit} may be open`]]
}

async function findPort(address: Address): Promise<readonly Finding[]> {
  const { host, port } = address
  await freePort(address)
  return [['ok', port === 0 ? `any free port of ${host}` : `${port} of ${host} is free`]]
}
