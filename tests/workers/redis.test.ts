import { pause, until, type WireClient } from '@headcount/testing'
import { expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/redis.js'
import { allShow, enter, pidsOf, replaced, serve } from './server.js'

const topic = 'video:1'

/** So long that nothing here is forgotten because its lease has lapsed. */
const lease = 60_000

describeWith('redis', 'workers over Redis', () => {
  const redis = withRedis()
  const start = () => serve(2, ['--redis', redis.url, '--lease', String(lease)])
  const open = (clients: readonly WireClient[]) => clients.filter(({ end }) => end === undefined)

  async function enterMany(server: Awaited<ReturnType<typeof start>>, size: number): Promise<WireClient[]> {
    const clients: WireClient[] = []
    for (let i = 0; i < size; i++) clients.push(await enter(server, topic))
    return clients
  }

  it('are replicas of one cluster, with those of other machines', async () => {
    const servers = [await start(), await start()]
    const clients = (await Promise.all(servers.map((server) => enterMany(server, 6)))).flat()
    await allShow(clients, topic, 0, 12)
  }, 60_000)

  it('are forgotten at once when they are killed, here and elsewhere, and replaced', async () => {
    const [here, elsewhere] = [await start(), await start()]
    const clients = await enterMany(here, 20)
    const others = await enterMany(elsewhere, 2)
    await allShow([...clients, ...others], topic, 0, 22)
    const [pid] = pidsOf(here)
    const begun = performance.now()
    process.kill(pid!, 'SIGKILL')
    await until('its clients to be cut off', () => open(clients).length < 20)
    await pause(20)
    const left = open(clients)
    expect(left.length).toBeGreaterThan(0)
    await allShow([...left, ...others], topic, 0, left.length + 2)
    expect(performance.now() - begun).toBeLessThan(2_000)
    await replaced(here, pid!)
    await allShow([...left, ...others, ...(await enterMany(here, 2))], topic, 0, left.length + 4)
  }, 60_000)

  it('leave nothing behind when they drain', async () => {
    const server = await start()
    const clients = await enterMany(server, 4)
    await allShow(clients, topic, 0, 4)
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    // A topic's last version outlives it by a flush interval.
    await until('no key to be left', async () => (await redis.ask('KEYS', '*')) === '', { within: 2000 })
  }, 60_000)
})
