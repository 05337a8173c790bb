import type { Counts } from '@headcount/protocol'
import { pause, until, WireClient } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import type { HeadcountServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fallbackSuite } from '../suites/fallbacks.js'
import { allShow, stockClientsSuite } from '../suites/stock-clients.js'
import { storms } from '../suites/storms.js'
import { cleanups } from '../support/cleanup.js'
import { phoenixApp, phoenixes } from '../support/phoenix-app.js'
import { quickPolls } from '../support/quick-polls.js'
import { newTopic } from '../support/topics.js'
import {
  allServe,
  isRunning,
  openClientsShow,
  openOf,
  replaceWorker,
  startWorkers,
  workerPids,
} from '../support/workers.js'

const secret = 'the secret of the workers has 32 bytes or more'
const cleanup = cleanups()

async function enter({ url }: HeadcountServer, topic: string, options = {}): Promise<WireClient> {
  const client = await WireClient.open(url, options)
  cleanup(() => client.drop())
  return client.enter(topic)
}

/** Connects clients one after another, so that each worker has equally many. Every other one is a user. */
async function enterMany(server: HeadcountServer, topic: string, size: number): Promise<WireClient[]> {
  const clients: WireClient[] = []
  for (let i = 0; i < size; i++) {
    const token = i % 2 === 0 ? tokenFor(secret, `user ${i}`) : undefined
    clients.push(await enter(server, topic, { token }))
  }
  return clients
}

/** The numbers of users and viewers among these clients. */
function countsIn(all: readonly WireClient[], some: readonly WireClient[]): [users: number, viewers: number] {
  const users = some.filter((client) => all.indexOf(client) % 2 === 0).length
  return [users, some.length - users]
}

describe('three workers behind one port, with clients that poll', () => {
  let server: HeadcountServer
  beforeAll(async () => {
    const env = { HEADCOUNT_JWT_SECRET: secret }
    server = await startWorkers(3, [], { config: { limits: quickPolls }, env })
  })
  afterAll(() => server.kill())

  const options = { urls: () => [server.url], tokenOf: (user: string) => tokenFor(secret, user), polls: true }
  stockClientsSuite(options)
  describe('in a network that blocks WebSockets', () => fallbackSuite(() => server.url))
  describe('in a storm', () => storms({ ...options, clients: 200, runs: 3 }))

  it('pass the polls on to the worker that has the session', async () => {
    expect(await metric(server.url, 'headcount_long_polls_relayed_total')).toBeGreaterThan(0)
  })
})

describe('three workers behind one port', () => {
  let server: HeadcountServer
  beforeAll(async () => {
    server = await startWorkers(3, [], { env: { HEADCOUNT_JWT_SECRET: secret } })
  })
  afterAll(() => server.kill())

  it('show the same counts to every client', async () => {
    const topic = newTopic('video')
    const clients = await enterMany(server, topic, 30)
    await openClientsShow(clients, topic, 15, 15)
    await allServe(server, topic, 15, 15)
    await Promise.all(clients.slice(0, 12).map((client) => client.leave(topic)))
    await openClientsShow(clients.slice(12), topic, 9, 9)
    await allServe(server, topic, 9, 9)
  })

  it('share the clients equally, remove a killed worker at once, and restart it', async () => {
    const topic = newTopic('video')
    const clients = await enterMany(server, topic, 30)
    await openClientsShow(clients, topic, 15, 15)
    const start = performance.now()
    const replaced = replaceWorker(server, workerPids(server)[0]!, 'SIGKILL')
    await until('its clients to be disconnected', () => openOf(clients).length < 30)
    await pause(20)
    const left = openOf(clients)
    expect(left.length).toBeGreaterThan(10)
    await openClientsShow(left, topic, ...countsIn(clients, left))
    expect(performance.now() - start).toBeLessThan(1_000)
    await replaced
    await allServe(server, topic, ...countsIn(clients, left))
    const more = await enterMany(server, topic, 6)
    const [users, viewers] = countsIn(clients, left)
    await openClientsShow([...left, ...more], topic, users + 3, viewers + 3)
  })

  it('drain and restart a worker that receives SIGTERM', async () => {
    const topic = newTopic('video')
    const clients = await enterMany(server, topic, 30)
    await replaceWorker(server, workerPids(server)[1]!, 'SIGTERM')
    const closed = clients.flatMap(({ closedWith }) => closedWith ?? [])
    expect(closed.length).toBeGreaterThan(0)
    for (const { code } of closed) expect(code).toBe(1012)
    await openClientsShow(clients, topic, ...countsIn(clients, openOf(clients)))
  })

  it.each(phoenixes)(
    'serve pages with the stock client %s again after two workers were killed',
    async (phoenix) => {
      const topic = newTopic('video')
      const opening = Array.from({ length: 6 }, () => phoenixApp(phoenix, server.url))
      const apps = await Promise.all(opening)
      for (const { socket } of apps) cleanup(() => socket.disconnect())
      const channels = apps.map((app) => app.joinChannel(topic))
      await allShow(channels, 0, 6)
      for (const pid of workerPids(server).slice(0, 2)) await replaceWorker(server, pid, 'SIGKILL')
      // A busy worker gets fewer connections than its share, so the number of disconnected pages is unknown.
      await until('a page to reconnect', () => apps.some((app) => app.opened() > 1))
      await allServe(server, topic, 0, 6)
      await allShow(channels, 0, 6, 20_000)
    },
    40_000,
  )

  it('serve the metrics of all workers, with counters that never decrease', async () => {
    const value = (name: string) => metric(server.url, `headcount_${name}`)
    const [joins, restarts] = [await value('joins_total'), await value('workers_restarted_total')]
    const clients = await enterMany(server, newTopic('video'), 9)
    // The text of the metrics is up to a second old.
    const reads = (name: string, expected: number) => expect.poll(() => value(name), { timeout: 10_000 }).toBe(expected)
    await reads('sockets', 9)
    await reads('joins_total', joins + 9)
    expect(await value('ready')).toBe(1)
    expect(await value('workers')).toBe(3)
    await replaceWorker(server, workerPids(server)[0]!, 'SIGKILL')
    await reads('workers_restarted_total', restarts + 1)
    expect(await value('joins_total')).toBe(joins + 9)
    await reads('sockets', openOf(clients).length)
  })

  it('listen on the same port again after all were killed at once', async () => {
    const topic = newTopic('video')
    const clients = await enterMany(server, topic, 6)
    await Promise.all(workerPids(server).map((pid) => replaceWorker(server, pid, 'SIGKILL')))
    await Promise.all(clients.map(({ closed }) => closed))
    await allServe(server, topic, 0, 0)
    await openClientsShow(await enterMany(server, topic, 6), topic, 3, 3)
  })

  it('drain together on SIGTERM with code 1012 and exit code 0', async () => {
    const clients = await enterMany(server, newTopic('video'), 9)
    const pids = workerPids(server)
    const start = performance.now()
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(performance.now() - start).toBeLessThan(5_000)
    for (const { closed } of clients) expect((await closed).code).toBe(1012)
    expect(pids.filter(isRunning)).toEqual([])
  })
})

describe('three workers with a lease of one second', () => {
  const lease = 1_000
  let server: HeadcountServer
  beforeAll(async () => {
    server = await startWorkers(3, ['--lease', String(lease)], { env: { HEADCOUNT_JWT_SECRET: secret } })
  })
  afterAll(() => server.kill())

  it('remove a paused worker within its lease, and count it again when it resumes', async () => {
    const topic = newTopic('video')
    const clients = await enterMany(server, topic, 36)
    await openClientsShow(clients, topic, 18, 18)
    const [pid] = workerPids(server)
    process.kill(pid!, 'SIGSTOP')
    const start = performance.now()
    // The clients of the paused worker receive nothing.
    const others = () => clients.filter((client) => client.shown(topic)!.users.count < 18)
    const sum = ({ users, viewers }: Counts): number => users.count + viewers.count
    await until('the others to show the change', () => {
      const size = others().length
      return size > 0 && others().every((client) => sum(client.shown(topic)!) === size)
    })
    expect(performance.now() - start).toBeLessThan(lease + 1_000)
    await openClientsShow(others(), topic, ...countsIn(clients, others()))
    process.kill(pid!, 'SIGCONT')
    await openClientsShow(clients, topic, 18, 18)
  })

  it('drain in bounded time with a paused worker', async () => {
    const [pid] = workerPids(server)
    process.kill(pid!, 'SIGSTOP')
    server.child.signal('SIGTERM')
    expect(await server.child.exited).toEqual({ code: 0, signal: null })
    expect(isRunning(pid!)).toBe(false)
  })
})

describe('three workers that count people, without a configured secret', () => {
  let server: HeadcountServer
  beforeAll(async () => {
    server = await startWorkers(3, ['--unit', 'people'])
  })
  afterAll(() => server.kill())

  it('count a person once on all workers, even after a restart of one', async () => {
    const topic = newTopic('video')
    const tabs = []
    for (const clientId of ['one', 'one', 'one', 'another']) tabs.push(await enter(server, topic, { clientId }))
    await openClientsShow(tabs, topic, 0, 2)
    await replaceWorker(server, workerPids(server)[0]!, 'SIGKILL')
    for (const clientId of ['another', 'one', 'one']) await enter(server, topic, { clientId })
    await allServe(server, topic, 0, 2)
  })

  it('exit when the primary is killed', async () => {
    const client = await enter(server, newTopic('video'))
    const pids = workerPids(server)
    expect(pids.filter(isRunning)).toHaveLength(3)
    await server.kill()
    await until('no worker', () => !pids.some(isRunning))
    await client.closed
  })
})

describe.concurrent('a server of its own', () => {
  const cleanup = cleanups(afterAll)

  it('a primary whose workers all exit again and again keeps running, restarts them, and logs when', async () => {
    const server = await startWorkers(2)
    cleanup(() => server.kill())
    for (let round = 0; round < 3; round++) {
      await Promise.all(workerPids(server).map((pid) => replaceWorker(server, pid, 'SIGKILL')))
    }
    for (const delay of [0, 500, 1000])
      expect(server.output).toContain(`"delay":${delay},"msg":"worker exited, restarting"`)
    const client = await enter(server, newTopic('video'))
    expect(client.closedWith).toBeUndefined()
    expect(await server.stop()).toEqual({ code: 0, signal: null })
  }, 60_000)

  it('workers that do not respond for ten seconds are replaced, and their clients reconnect', async () => {
    const spin = new URL('./spin.mjs', import.meta.url)
    const server = await startWorkers(4, [], { env: { NODE_OPTIONS: `--import=${spin}` } })
    cleanup(() => server.kill())
    const topic = newTopic('video')
    const apps = await Promise.all(Array.from({ length: 16 }, () => phoenixApp('phoenix', server.url)))
    for (const { socket } of apps) cleanup(() => socket.disconnect())
    const channels = apps.map((app) => app.joinChannel(topic))
    await allShow(channels, 0, 16)
    const [stopped, hanging, busy, idle] = workerPids(server) as [number, number, number, number]
    // They would outlive the primary.
    cleanup(() => [stopped, hanging].filter(isRunning).map((pid) => process.kill(pid, 'SIGKILL')))
    process.kill(stopped, 'SIGSTOP')
    process.kill(hanging, 'SIGUSR2')
    process.kill(busy, 'SIGWINCH')
    const replaced = () => !workerPids(server).some((pid) => [stopped, hanging].includes(pid))
    await until('two workers to be replaced', replaced, { within: 20_000 })
    expect(workerPids(server)).toEqual(expect.arrayContaining([busy, idle]))
    for (const worker of [1, 2])
      expect(server.output).toMatch(new RegExp(`"worker":${worker},.*"worker does not respond, killing it"`))
    await allShow(channels, 0, 16, 20_000)
    await allServe(server, topic, 0, 16)
  }, 60_000)
})
