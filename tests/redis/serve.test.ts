import { pause, sameCounts, tokenFor, until, WireClient } from '@headcount/testing'
import { afterEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/redis.js'
import { type HeadcountServer, startServer } from '../support/server.mjs'

const secret = 'the secret of three replicas, long enough to sign with'
const lease = 2000

/** Starting four processes takes its time on a busy machine. */
const patience = { timeout: 90_000 }

describeWith('redis', 'three replicas of headcount serve over one Redis', () => {
  const redis = withRedis()
  const undos: (() => unknown)[] = []
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) await undo()
  })

  async function replicas(count: number, args: readonly string[] = []): Promise<HeadcountServer[]> {
    const flags = ['--redis', redis.url, '--lease', String(lease), ...args]
    const servers: HeadcountServer[] = []
    // One after another: a busy machine starts one quicker than three at a time.
    for (let i = 0; i < count; i++) servers.push(await startServer(flags, { HEADCOUNT_JWT_SECRET: secret }))
    for (const server of servers) undos.push(() => server.stop())
    return servers
  }

  /** So many clients on each server, every third of them a user. */
  async function join(servers: readonly HeadcountServer[], topic: string, each: number): Promise<WireClient[]> {
    const opening = servers.flatMap(({ url }, s) =>
      Array.from({ length: each }, async (_, i) => {
        const token = i % 3 === 0 ? tokenFor(secret, `user ${s} ${i}`) : undefined
        return (await WireClient.open(url, { token })).enter(topic)
      }),
    )
    const clients = await Promise.all(opening)
    for (const client of clients) undos.push(() => client.drop())
    return clients
  }

  it('show every client the whole, and the first state of a new replica is the whole already', patience, async () => {
    const servers = await replicas(3)
    const clients = await join(servers, 'video:1', 9)
    for (const client of clients) await client.shows('video:1', 9, 18)
    const [fresh] = (await replicas(1)) as [HeadcountServer]
    const late = await (await WireClient.open(fresh.url)).enter('video:1', { observe: true })
    expect(late.of('video:1', 'presence_state')[0]?.payload).toEqual({
      users: { count: 9 },
      viewers: { count: 18 },
    })
    late.drop()
    for (const client of clients) expect(client.faults).toEqual([])
  })

  it(
    'forget one that was killed within its lease and a second, and one that was drained at once',
    patience,
    async () => {
      const servers = (await replicas(3)) as [HeadcountServer, HeadcountServer, HeadcountServer]
      const clients = await join(servers, 'video:2', 6)
      for (const client of clients) await client.shows('video:2', 6, 12)
      const staying = clients.slice(12)
      await servers[0].stop()
      for (const client of staying) await client.shows('video:2', 4, 8, { within: 3000 })
      await servers[1].kill()
      for (const client of staying) await client.shows('video:2', 2, 4, { within: lease + 2500 })
      for (const client of staying) expect(client.faults).toEqual([])
    },
  )

  it('go on counting their own while Redis is away, say so, and are right after it is back', patience, async () => {
    const servers = (await replicas(2)) as [HeadcountServer, HeadcountServer]
    const clients = await join(servers, 'video:3', 3)
    for (const client of clients) await client.shows('video:3', 2, 4)
    await redis.kill()
    await until('readiness to be denied', async () => (await fetch(`${servers[0].url}/readyz`)).status === 503)
    const reason = await (await fetch(`${servers[0].url}/readyz`)).text()
    expect(reason).not.toContain(redis.url)
    const [other] = (await join([servers[0]], 'video:3', 1)) as [WireClient]
    await other.shows('video:3', 3, 4)
    await redis.start()
    await pause(lease)
    for (const client of [...clients, other]) await client.shows('video:3', 3, 4)
    await until('readiness', async () => (await fetch(`${servers[0].url}/readyz`)).status === 200)
  })

  it('have people once, wherever their tabs are', patience, async () => {
    const servers = (await replicas(2, ['--unit', 'people'])) as [HeadcountServer, HeadcountServer]
    const token = tokenFor(secret, '7')
    const tabs = await Promise.all(
      servers.map(async ({ url }) => (await WireClient.open(url, { token, clientId: 'a browser' })).enter('video:4')),
    )
    for (const tab of tabs) undos.push(() => tab.drop())
    for (const tab of tabs) await tab.shows('video:4', 1, 0)
    tabs[0]?.drop()
    await pause(300)
    expect(sameCounts(tabs[1]!.shown('video:4')!, { users: { count: 1 }, viewers: { count: 0 } })).toBe(true)
    expect(await redis.ask('KEYS', '*7*')).not.toContain('user')
  })
})
