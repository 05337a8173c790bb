import cluster from 'node:cluster'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CoreLogEvent,
  defaultFlush,
  type Logger,
  MemoryCluster,
  memoryEngine,
  noMetrics,
  Replica,
  systemClock,
  Turn,
} from '@headcount/core'
import { defaultGroups } from '@headcount/protocol'
import { type RedisEngineOptions, type RedisLogEvent, redisEngine } from '@headcount/redis'
import { createHeadcount, type HeadcountOptions, type ServerLogEvent } from '@headcount/server'
import { FakeClock, pause, until, WireClient } from '@headcount/testing'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'
import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { type RunOptions, runHeadcount, startServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { createWebhooks, type WebhookLogEvent } from '@headcount/webhooks'
import type { CommandLogEvent } from 'headcount'
import { afterAll, expect, it } from 'vitest'
import { counts, openReplica } from '../redis/replica.js'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { startSilentServer, withFiles } from '../support/processes.js'
import { startHeadcount } from '../support/start-headcount.js'
import { startWorkers, workerPids } from '../support/workers.js'

type Line = { readonly event?: string; readonly level: string; readonly message: string }
/** The log lines so far. */
type Lines = () => readonly Line[]
type Provocation = () => Promise<Lines>

/** A provocation of several events, which runs once. */
function once(provoke: Provocation): Provocation {
  let lines: Promise<Lines> | undefined
  return () => {
    lines ??= provoke()
    return lines
  }
}

describeWith('redis', 'Log events', () => {
  // The tests are concurrent.
  const cleanup = cleanups(afterAll)

  async function startOwnRedis(): Promise<RedisServer> {
    const redis = await startRedis()
    cleanup(redis.remove)
    return redis
  }

  function memory() {
    const lines: Line[] = []
    const at = (level: string) => (fields: object, message: string) => void lines.push({ ...fields, level, message })
    const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
    return { logger, lines: () => lines }
  }

  const failed = () => Promise.reject(new Error('away'))

  const outage = once(async () => {
    const { logger, lines } = memory()
    const clock = new FakeClock()
    let isAway = true
    const engine = { ...memoryEngine(), commit: async () => (isAway ? failed() : ('kept' as const)) }
    const turn = new Turn(clock, failed)
    const runtime = { clock, turn, logger, metrics: noMetrics }
    const parts = { groups: defaultGroups, flush: defaultFlush, lease: 10_000, shieldTick: 10_000 }
    const replica = new Replica({ ...runtime, ...parts, engine, id: 'a', display: () => ({ settle: 0, shield: 0 }) })
    await replica.start()
    await clock.advance(62_000)
    isAway = false
    await clock.advance(2_000)
    await replica.stop()
    return lines
  })

  const linesLoggedBy = (server: { logged(): string }) => (): Line[] =>
    server
      .logged()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))

  /** A server in this process, after an action. */
  async function embedded(options: HeadcountOptions, act: (url: string) => unknown = () => {}): Promise<Lines> {
    const server = await startHeadcount(options)
    cleanup(() => server.stop())
    await act(server.url)
    return linesLoggedBy(server)
  }

  const withToken = (token: string, auth?: HeadcountOptions['auth']) =>
    embedded({ auth }, (url) =>
      WireClient.open(url, { token }).then(
        (client) => client.drop(),
        () => {},
      ),
    )

  const linesOf = (server: { readonly output: string }) => (): Line[] =>
    server.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .map(({ msg, ...line }) => ({ ...line, message: msg }))

  /** `headcount serve`, after an action. */
  async function command(args: readonly string[], act?: (server: Started) => unknown, options?: RunOptions) {
    const server = await startServer(args, options)
    cleanup(() => server.kill())
    await act?.(server)
    return linesOf(server)
  }
  type Started = Awaited<ReturnType<typeof startServer>>

  /** A replica over Redis, after an action. */
  async function replica(
    act: (opened: Awaited<ReturnType<typeof openReplica>>, redis: RedisServer, logger: Logger) => unknown,
    options = {},
  ) {
    const redis = await startOwnRedis()
    const { logger, lines } = memory()
    const opened = await openReplica(cleanup, { urls: [redis.url], logger, ...options }, { lease: 1_000 })
    await opened.watch('t')
    await opened.engine.commit([counts('t', 1, 0)])
    await act(opened, redis, logger)
    return lines
  }

  /** Redis is unreachable for more than a minute, by the engine's clock. */
  const redisOutage = once(async () => {
    let ahead = 0
    const clock: RedisEngineOptions['clock'] = { ...systemClock, now: () => systemClock.now() + ahead }
    let redis!: RedisServer
    const lines = await replica((_, started) => (redis = started), { clock })
    const logged = (event: RedisLogEvent) => until(event, () => lines().some((line) => line.event === event))
    await redis.kill()
    await logged('subscribe_outage_began')
    ahead = 61_000
    await logged('subscribe_outage_goes_on')
    await redis.start()
    return lines
  })

  /** A webhook that is not accepted for more than a day. */
  const webhookOutage = once(async () => {
    const { logger, lines } = memory()
    const clock = new FakeClock()
    let status = 200
    const post = async () => ({ status, retryAfter: undefined })
    const secret = `whsec_${Buffer.alloc(32).toString('base64')}`
    const receiver = createWebhooks([{ url: 'https://example.com', secret }], { clock, logger, post })
    const cluster = new MemoryCluster(clock)
    const engine = cluster.engine()
    await engine.open('a', { groups: 2, lease: 10_000, changed() {}, levels: receiver.levels })
    const stop = receiver.start(engine.transitions!)
    await clock.advance(1_000)
    status = 503
    await engine.commit([counts('t', 1, 0)])
    await clock.advance(25 * 3_600_000)
    status = 200
    await clock.advance(600_000)
    await Promise.all([stop(), clock.advance()])
    return lines
  })

  /** `headcount serve`, after a reload of a replaced config file. */
  async function afterReload(config: string): Promise<Lines> {
    const folder = await mkdtemp(join(tmpdir(), 'headcount-reload-'))
    cleanup(() => rm(folder, { recursive: true }))
    return command(
      [],
      async ({ child }) => {
        await writeFile(join(folder, 'headcount.config.json'), config)
        child.signal('SIGHUP')
      },
      { cwd: folder },
    )
  }

  async function workers(args: readonly string[], act: (server: Started) => unknown) {
    const server = await startWorkers(2, args)
    cleanup(() => server.kill())
    await act(server)
    return linesOf(server)
  }
  const killWorker = (server: Started) => process.kill(workerPids(server)[0]!, 'SIGKILL')

  const stopped = once(() => command([], (server) => server.stop()))
  const reloaded = once(() => afterReload('{ "lease": 5000 }'))
  /** It is killed after 10 s without an answer. */
  const hangingWorker = once(() =>
    workers([], (server) => {
      process.kill(workerPids(server)[0]!, 'SIGSTOP')
      server.child.signal('SIGHUP')
    }),
  )

  type Event = CoreLogEvent | ServerLogEvent | RedisLogEvent | CommandLogEvent | WebhookLogEvent
  const provocations: Record<Event, Provocation> = {
    engine_outage_began: outage,
    engine_outage_goes_on: outage,
    engine_outage_ended: outage,
    async replica_lost() {
      const outcomes = ['lost'] as const
      let commits = 0
      return embedded({ engine: { ...memoryEngine(), commit: async () => outcomes[commits++] ?? 'kept' } })
    },
    watch_failed: () => embedded({ engine: { ...memoryEngine(), watch: failed } }, joinAndLeave),
    unwatch_failed: () => embedded({ engine: { ...memoryEngine(), unwatch: failed } }, joinAndLeave),
    async engine_open_failed() {
      const { logger, lines } = memory()
      await createHeadcount({ logger, engine: { ...memoryEngine(), open: failed } }).ready.catch(() => {})
      return lines
    },
    async callback_failed() {
      const server = await startHeadcount()
      cleanup(() => server.stop())
      server.headcount.on('counts', () => {
        throw new Error('a listener')
      })
      await joinAndLeave(server.url)
      return linesLoggedBy(server)
    },
    authorize_failed: () => embedded({ authorize: () => Promise.reject(new Error('no database')) }, joinAndLeave),
    request_failed: () =>
      embedded({ engine: { ...memoryEngine(), read: failed } }, (url) => fetch(`${url}/api/counts/a`)),
    odd_secret: () => embedded({ auth: { secret: 'short' } }),
    odd_option: () => embedded({ topics: [{ pattern: 'a', access: 'users' }] }),
    async secrets_differ() {
      const cluster = new MemoryCluster()
      const { logger, lines } = memory()
      for (const secret of ['a', 'b']) {
        const headcount = createHeadcount({
          engine: cluster.engine(),
          unit: 'people',
          secret: secret.repeat(32),
          logger,
        })
        cleanup(() => headcount.close())
        await headcount.ready
      }
      return lines
    },
    async counts_apart() {
      const { logger, lines } = memory()
      Object.assign(cluster, { isWorker: true })
      const headcount = createHeadcount({ logger })
      Object.assign(cluster, { isWorker: false })
      await headcount.close()
      return lines
    },
    overloaded: () => embedded({ limits: { memoryShare: 1e-9 } }, (url) => WireClient.open(url).catch(() => {})),
    origin_refused: () =>
      embedded({}, (url) => WireClient.open(url, { headers: { origin: 'http://other.example' } }).catch(() => {})),
    async not_attached() {
      const { logger, lines } = memory()
      const headcount = createHeadcount({ logger })
      const server = createServer(headcount.handle)
      cleanup(() => Promise.all([server.close(), headcount.close()]))
      await WireClient.open(`http://127.0.0.1:${await listenLocally(server)}`).catch(() => {})
      return lines
    },
    tokens_unexpected: () => withToken('x'),
    tokens_unchecked: () => withToken(asymmetric, { jwksUrl: 'http://127.0.0.1:9/' }),
    keys_unavailable: () => embedded({ auth: { jwksUrl: 'http://127.0.0.1:9/' } }),
    async keys_not_fetched() {
      let status = 200
      const keys = createServer((_, response) => response.writeHead(status).end('{"keys":[{}]}'))
      cleanup(() => keys.close())
      const jwksUrl = `http://127.0.0.1:${await listenLocally(keys)}`
      const server = await startHeadcount({ auth: { jwksUrl } })
      cleanup(() => server.stop())
      // A token waits for the keys.
      await fetch(`${server.url}/api/counts/a?token=${asymmetric}`)
      status = 500
      server.headcount.reload({ auth: { jwksUrl } })
      return linesLoggedBy(server)
    },
    token_invalid: () => withToken(tokenFor('another', '7'), { secret: 's'.repeat(32) }),
    token_expired: () => withToken(tokenFor('s'.repeat(32), '7', { exp: 1 }), { secret: 's'.repeat(32) }),
    async connect_retrying() {
      const { logger, lines } = memory()
      const clock = new FakeClock()
      const engine = redisEngine({ urls: ['redis://127.0.0.1:9'], clock, logger })
      const opening = engine.open('a', { groups: 2, lease: 10_000, changed() {} }).catch(() => {})
      await clock.advance(5_000)
      await opening
      return lines
    },
    replica_joined: async () => {
      const redis = await startOwnRedis()
      const { logger, lines } = memory()
      await openReplica(cleanup, { urls: [redis.url], logger })
      return lines
    },
    subscribe_outage_began: redisOutage,
    subscribe_outage_goes_on: redisOutage,
    subscribe_outage_ended: redisOutage,
    webhook_outage_began: webhookOutage,
    webhook_outage_goes_on: webhookOutage,
    webhook_outage_ended: webhookOutage,
    webhook_dropped: webhookOutage,
    // The other one does not renew its lease.
    replica_expired: () =>
      replica(async ({ keepCommitting }, redis, logger) => {
        // Both remove it: one of them is the first.
        await openReplica(cleanup, { urls: [redis.url], logger }, { lease: 1_000 })
        cleanup(keepCommitting(() => []))
      }),
    replica_crashed: () =>
      replica(async ({ keepCommitting }, redis) => {
        cleanup(keepCommitting(() => []))
        const server = await startServer(['--redis', redis.url])
        // Only a replica that was seen alive can be reported as crashed: after a check, every 500 ms.
        await pause(1_500)
        await server.kill()
      }),
    foreign_key: () =>
      replica(async ({ engine }, redis) => {
        await redis.command('SET', 'hc:{0}:topic:other', 'not ours')
        await engine.commit([counts('other', 1, 0)])
      }),
    foreign_message: () => replica((_, redis) => redis.command('SPUBLISH', 'hc:{0}:changes:0:t', 'hello')),
    close_failed: () =>
      replica(async ({ engine }, redis) => {
        await redis.kill()
        await engine.close()
      }),
    odd_setting: () => command([], undefined, { env: { HEADCOUNT_VERSION: '3' } }),
    few_files: () => command([], undefined, withFiles(1_000)),
    listening: stopped,
    reloaded,
    restart_needed: reloaded,
    reload_failed: () => afterReload('{'),
    connection_refused: () =>
      command(
        [],
        ({ port }) => {
          const silent = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}))
          cleanup(() => silent.map((socket) => socket.destroy()))
        },
        withFiles(100),
      ),
    async stopped_early() {
      const silent = await startSilentServer()
      cleanup(silent.close)
      const child = runHeadcount(['serve', '--redis', silent.url])
      cleanup(() => child.kill())
      await silent.connected
      child.signal('SIGTERM')
      return linesOf(child)
    },
    draining: stopped,
    drain_hurried: () =>
      command(['--drain-delay', '60000'], async ({ child }) => {
        child.signal('SIGTERM')
        await child.until('it drained', (output) => output.includes('draining'))
        child.signal('SIGTERM')
      }),
    // The process is blocked for longer than a drain may take.
    drain_timed_out: () =>
      command(['--drain-delay', '1000', '--drain-over', '0'], async ({ child, url }) => {
        await WireClient.open(url)
        child.signal('SIGTERM')
        await child.until('it drained', (output) => output.includes('draining'))
        child.pause()
        await pause(9_500)
        child.resume()
      }),
    stopped,
    accept_failed: () => command([], undefined, { nodeFlags: ['--import', failingServer] }),
    worker_started: hangingWorker,
    worker_hangs: hangingWorker,
    worker_not_reloaded: hangingWorker,
    worker_exited: hangingWorker,
    async worker_not_removed() {
      const redis = await startOwnRedis()
      return workers(['--redis', redis.url], async (server) => {
        await redis.kill()
        killWorker(server)
      })
    },
  }

  const rows = docRows('ERRORS.md', 'Log events')

  it('docs/ERRORS.md has exactly one row for each event', () => {
    expect(rows.map(([event]) => event)).toEqual(Object.keys(provocations))
  })

  it.concurrent.each(rows)(
    '%s is logged at the level %s',
    async (event, level, message) => {
      const lines = await provocations[event as CoreLogEvent]()
      const line = await until(`${event}`, () => lines().find((each) => each.event === event), {
        within: 20_000,
        got: lines,
      })
      expect(line).toMatchObject({ level, message })
    },
    40_000,
  )
})

/** A client that joins a topic twice, and leaves. */
async function joinAndLeave(url: string): Promise<void> {
  const client = await WireClient.open(url)
  await client.join('a')
  await client.leave('a')
  await client.close()
}

/** A token that only the keys behind a JWKS URL can verify. */
const asymmetric = ['{"alg":"RS256"}', '{"sub":"7"}', 'x']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

/** A module that makes an HTTP server fail to accept a connection, like a lack of file descriptors. */
const failingServer = `data:text/javascript,${encodeURIComponent(`
  import { subscribe } from 'node:diagnostics_channel'
  subscribe('http.server.request.start', ({ server }) => server.emit('error', new Error('accept EMFILE')))
`)}`
