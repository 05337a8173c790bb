import type { Counts } from '@headcount/protocol'
import { pause, tokenFor, until, type WireClient } from '@headcount/testing'
import { describe, expect, it } from 'vitest'
import { allShow, allTell, enter, metric, pidsOf, replaced, runs, serve } from './server.js'

const secret = 'the secret of the workers, thirty-two bytes'
const withSecret = { HEADCOUNT_JWT_SECRET: secret }
const topic = 'video:1'

/** Clients one after the other, so that each worker has as many: every other one a user. */
async function enterMany(server: Awaited<ReturnType<typeof serve>>, size: number): Promise<WireClient[]> {
  const clients: WireClient[] = []
  for (let i = 0; i < size; i++) {
    const token = i % 2 === 0 ? tokenFor(secret, `user ${i}`) : undefined
    clients.push(await enter(server, topic, { token }))
  }
  return clients
}

const open = (clients: readonly WireClient[]) => clients.filter(({ end }) => end === undefined)

/** How many of these clients are users, and how many are viewers. */
function split(all: readonly WireClient[], some: readonly WireClient[]): [users: number, viewers: number] {
  const users = some.filter((client) => all.indexOf(client) % 2 === 0).length
  return [users, some.length - users]
}

describe('three workers behind one port', () => {
  it('show every client the same truth, whichever worker it is on', async () => {
    const server = await serve(3, [], withSecret)
    const clients = await enterMany(server, 30)
    await allShow(clients, topic, 15, 15)
    await allTell(server, topic, 15, 15)
    await Promise.all(clients.slice(0, 12).map((client) => client.leave(topic)))
    await allShow(clients.slice(12), topic, 9, 9)
    await allTell(server, topic, 9, 9)
  })

  it('share the clients fairly, and forget a killed worker at once; it is replaced', async () => {
    const server = await serve(3, [], withSecret)
    const clients = await enterMany(server, 30)
    await allShow(clients, topic, 15, 15)
    const [pid] = pidsOf(server)
    const begun = performance.now()
    process.kill(pid!, 'SIGKILL')
    await until('its clients to be cut off', () => clients.some(({ end }) => end !== undefined))
    await pause(20)
    const left = open(clients)
    expect(left.length).toBeGreaterThan(10)
    await allShow(left, topic, ...split(clients, left))
    const took = performance.now() - begun
    expect(took).toBeLessThan(1_000)
    await replaced(server, pid!)
    await allTell(server, topic, ...split(clients, left))
    const more = await enterMany(server, 6)
    await allShow([...left, ...more], topic, split(clients, left)[0] + 3, split(clients, left)[1] + 3)
  })

  it('come back on the same port when all are killed at once', async () => {
    const server = await serve(3, [], withSecret)
    const clients = await enterMany(server, 6)
    const pids = pidsOf(server)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await Promise.all(clients.map(({ closed }) => closed))
    for (const pid of pids) await replaced(server, pid)
    await allTell(server, topic, 0, 0)
    await allShow(await enterMany(server, 6), topic, 3, 3)
  })

  it('go on without one that is asked to end alone: it drains, and is replaced', async () => {
    const server = await serve(3, [], withSecret)
    const clients = await enterMany(server, 30)
    const [pid] = pidsOf(server)
    process.kill(pid!, 'SIGTERM')
    await replaced(server, pid!)
    const gone = clients.filter(({ end }) => end !== undefined)
    expect(gone.length).toBeGreaterThan(0)
    expect(gone.map(({ end }) => end!.code)).toEqual(gone.map(() => 1012))
    await allShow(clients, topic, ...split(clients, open(clients)))
  })

  it('forget one that stands still within its lease, and count it again when it goes on', async () => {
    const lease = 1_000
    const server = await serve(3, ['--lease', String(lease)], withSecret)
    const clients = await enterMany(server, 36)
    await allShow(clients, topic, 18, 18)
    const [pid] = pidsOf(server)
    process.kill(pid!, 'SIGSTOP')
    const begun = performance.now()
    // Of the clients, the ones of a worker that stands still hear nothing.
    const awake = () => clients.filter((client) => client.shown(topic)!.users.count < 18)
    const all = ({ users, viewers }: Counts): number => users.count + viewers.count
    await until('the others to know', () => {
      const heard = awake()
      return heard.length > 0 && heard.every((client) => all(client.shown(topic)!) === heard.length)
    })
    expect(performance.now() - begun).toBeLessThan(lease + 1_000)
    await allShow(awake(), topic, ...split(clients, awake()))
    process.kill(pid!, 'SIGCONT')
    await allShow(clients, topic, 18, 18)
  })

  it('drain together: every client is sent away to come back, and the exit code is 0', async () => {
    const server = await serve(3, [], withSecret)
    const clients = await enterMany(server, 9)
    const pids = pidsOf(server)
    const begun = performance.now()
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code)).toEqual(
      clients.map(() => 1012),
    )
    expect(pids.filter(runs)).toEqual([])
  })

  it('drain in bounded time where one of them stands still', async () => {
    const server = await serve(3)
    const [pid] = pidsOf(server)
    process.kill(pid!, 'SIGSTOP')
    server.child.signal('SIGTERM')
    expect(await server.child.exited).toEqual({ code: 0, signal: null })
    expect(runs(pid!)).toBe(false)
  })

  it('end when the primary dies', async () => {
    const server = await serve(3)
    const clients = await enterMany(server, 3)
    const pids = pidsOf(server)
    expect(pids.filter(runs)).toHaveLength(3)
    await server.kill()
    await until('them to be gone', () => !pids.some(runs))
    await Promise.all(clients.map(({ closed }) => closed))
  })

  it('tell the metrics of all together, on whichever worker, and never less than before', async () => {
    const server = await serve(3, [], withSecret)
    const clients = await enterMany(server, 9)
    for (let i = 0; i < 3; i++) {
      expect(await metric(server, 'headcount_sockets')).toBe(9)
      expect(await metric(server, 'headcount_joins_total')).toBe(9)
      expect(await metric(server, 'headcount_ready')).toBe(1)
      expect(await metric(server, 'headcount_workers')).toBe(3)
    }
    const [pid] = pidsOf(server)
    process.kill(pid!, 'SIGKILL')
    await replaced(server, pid!)
    expect(await metric(server, 'headcount_joins_total')).toBe(9)
    expect(await metric(server, 'headcount_workers_replaced_total')).toBe(1)
    expect(await metric(server, 'headcount_sockets')).toBe(open(clients).length)
  })

  it('count a person once, whichever workers the tabs are on, though nobody gave a secret', async () => {
    const server = await serve(3, ['--unit', 'people'])
    const tabs = [
      await enter(server, topic, { clientId: 'one person' }),
      await enter(server, topic, { clientId: 'one person' }),
      await enter(server, topic, { clientId: 'one person' }),
      await enter(server, topic, { clientId: 'another' }),
    ]
    await allShow(tabs, topic, 0, 2)
    const [pid] = pidsOf(server)
    process.kill(pid!, 'SIGKILL')
    await replaced(server, pid!)
    await enter(server, topic, { clientId: 'another' })
    await enter(server, topic, { clientId: 'one person' })
    await enter(server, topic, { clientId: 'one person' })
    await allTell(server, topic, 0, 2)
  })
})
