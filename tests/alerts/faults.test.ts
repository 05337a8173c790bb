import { createServer, type Server } from 'node:http'
import { pause, until } from '@headcount/testing'
import { freePort, listenLocally } from '@headcount/tools/processes/free-port.mjs'
import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { startProxy, type TcpProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LoadClient } from '../../tools/load/client.mjs'
import { describeWith } from '../support/needs.js'
import { startPrometheus } from './prometheus.js'

/** Ten minutes of a rule are ten seconds here. */
const times = 60
const names = ['a', 'b', 'c'] as const

interface Replica {
  readonly server: HeadcountServer
  /** Between it and Redis. */
  readonly proxy: TcpProxy
  readonly target: string
}

describeWith('prometheus', 'the alerts of a real Prometheus', () => describeWith('redis', 'over Redis', faults))

function faults(): void {
  let redis: RedisServer
  let receiver: Server
  let status = 204
  const replicas = {} as Record<(typeof names)[number], Replica>
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>

  beforeAll(async () => {
    receiver = createServer((_, response) => void response.writeHead(status).end())
    const url = `http://127.0.0.1:${await listenLocally(receiver)}/`
    const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
    const webhooks = [{ url, secret, allowPrivate: true, vacantAfter: 0 }]
    const config = { topics: ['video:*'], lease: 2_000, canary: 2_000, limits: { sockets: 3 }, webhooks }
    redis = await startRedis()
    for (const name of names) {
      const [proxy, port] = [await startProxy(redis.port), await freePort()]
      const server = await startServer(['--redis', proxy.redisUrl, '--operator-port', String(port)], {
        config,
        env: { HEADCOUNT_JWT_SECRET: 'a secret of more than thirty-two bytes' },
      })
      replicas[name] = { server, proxy, target: `127.0.0.1:${port}` }
    }
    const targets = Object.fromEntries(names.map((name) => [name, replicas[name].target]))
    prometheus = await startPrometheus(targets, times)
  })
  afterAll(async () => {
    await prometheus?.stop()
    await Promise.all(Object.values(replicas).map(({ server }) => server.kill()))
    await Promise.all(Object.values(replicas).map(({ proxy }) => proxy.stop()))
    await redis?.remove()
    receiver?.close()
  })

  /** Waits until all of these fire. Repeats `fault` until they do. */
  async function fire(alerts: readonly string[], fault?: () => Promise<unknown>): Promise<void> {
    let last: readonly string[] = []
    const isFiring = async () => {
      last = await prometheus.firing()
      return alerts.every((alert) => last.includes(alert))
    }
    const probe = async () => {
      await fault?.()
      return isFiring()
    }
    await until(`${alerts.join(', ')} to fire`, probe, { within: 60_000, got: () => last })
  }

  const client = (name: (typeof names)[number], token?: string) =>
    new LoadClient({ url: replicas[name].server.url.replace('http', 'ws'), topic: 'video:1', token })

  test('none fires without a fault', async () => {
    const one = client('a')
    await one.connect()
    await one.join()
    for (let i = 0; i < 12; i++) {
      await pause(1_000)
      expect(await prometheus.firing()).toEqual([])
    }
    await one.close()
  }, 60_000)

  test.concurrent('refusals: sockets, messages, tokens and operator keys', async () => {
    const all = [client('a'), client('a'), client('a')]
    for (const one of all) await one.connect()
    const member = client('b')
    await member.connect()
    const refused = async () => {
      const [socket, guest] = [client('a'), client('b', 'no.valid.token')]
      await Promise.all([
        socket.connect(),
        guest.connect(),
        member.join({}, 'nowhere'),
        fetch(`${replicas.b.server.url}/metrics`, { headers: { authorization: 'Bearer wrong' } }),
      ])
      guest.drop()
      await pause(100)
    }
    const alerts = ['HeadcountRefusesSockets a', 'HeadcountRefusesMessages b', 'HeadcountInvalidTokens b']
    await fire([...alerts, 'HeadcountInvalidOperatorKeys b'], refused)
    for (const one of all) one.drop()
  }, 90_000)

  test.concurrent('a webhook whose receiver fails', async () => {
    status = 500
    const one = client('c')
    await one.connect()
    await one.join()
    let fires: readonly string[] = []
    const isFiring = async () => {
      fires = await prometheus.firing()
      return fires.some((alert) => alert.startsWith('HeadcountWebhooksFail'))
    }
    await until('the alert', isFiring, { within: 60_000, got: () => fires })
    status = 204
    await one.close()
  }, 90_000)

  test('lag: the event loop of a process that is repeatedly blocked', async () => {
    const { server } = replicas.b
    await fire(['HeadcountEventLoopLags b'], async () => {
      // The timer that measures it is due a second after it was late: while the process is blocked again.
      server.pause()
      await pause(1_000)
      server.resume()
      await pause(500)
    })
  }, 90_000)

  test('staleness: a replica that is cut off from Redis; its late counts miss the objective', async () => {
    replicas.c.proxy.partition()
    await fire(['HeadcountCountsStale c', 'HeadcountLeaseOver c', 'HeadcountNotReady c'])
    const pages = (await prometheus.firing()).filter((alert) => /Stale|LeaseOver|NotReady|Down/.test(alert))
    expect(pages.every((alert) => alert.endsWith(' c'))).toBe(true)
    replicas.c.proxy.heal()
    await fire(['HeadcountFreshnessObjective c'])
  }, 90_000)

  test('Redis away', async () => {
    await redis.kill()
    const alerts = ['NotReady', 'LeaseOver', 'CountsStale', 'CommitsFail']
    await fire(names.flatMap((name) => alerts.map((alert) => `Headcount${alert} ${name}`)))
    await redis.start()
    await until(
      'all pages to end',
      async () => !/NotReady|LeaseOver|CountsStale/.test(String(await prometheus.firing())),
      { within: 30_000 },
    )
  }, 120_000)

  test('a replica dead', async () => {
    await replicas.a.server.kill()
    await fire(['HeadcountDown a'])
    expect(await prometheus.firing()).not.toContain('HeadcountDown b')
  }, 90_000)
}
