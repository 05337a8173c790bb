import { MemoryCluster, personKeys } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ByGroup, ReplicaPart, TopicReport } from '../http/operator-source.js'
import type { FakeClient } from '../test/fake-client.js'
import { TestServer } from '../test/test-server.js'

const topics = [
  { pattern: 'plain:*', alsoIn: ['all'] },
  { pattern: 'settled:*', settle: 3_000 },
  { pattern: 'people:*', unit: 'people', settle: 1_000 },
  { pattern: 'shielded:*', shield: 3 },
  { pattern: 'all', unit: 'people' },
] as const
const names = ['plain:1', 'settled:1', 'people:1', 'shielded:1'] as const
const ids = ['secret-ann', 'secret-bob', 'secret-cid']
const addresses = ['203.0.113.7', '203.0.113.8']
const size = 3

interface Seat {
  readonly client: FakeClient
  readonly server: TestServer
  readonly topic: string
  readonly userId: string | null
  readonly clientId: string | null
  readonly address: string | null
  /** As a plain model of the rules has it. */
  status: 'counted' | 'observers' | 'hidden' | 'presencesPerUser' | 'presencesPerAddress'
}

const step = fc.record({
  kind: fc.constantFrom('join', 'join', 'join', 'leave', 'disconnect', 'observe', 'count', 'advance', 'settle'),
  on: fc.nat(size - 1),
  topic: fc.constantFrom(...names),
  user: fc.option(fc.constantFrom(...ids), { freq: 2 }),
  client: fc.option(fc.constantFrom(...ids), { freq: 2 }),
  address: fc.option(fc.constantFrom(...addresses), { freq: 3 }),
  observes: fc.nat(4).map((number) => number === 0),
  ms: fc.nat(1_500),
  pick: fc.nat(100),
  /** Which replica is asked, and whether it is in the middle of a turn. */
  asked: fc.nat(size - 1),
  midTurn: fc.boolean(),
})

async function startServers() {
  const clock = new FakeClock()
  const cluster = new MemoryCluster(clock)
  const limits = { presencesPerAddress: 2, presencesPerUser: 2, pingAfter: 1e9 }
  const servers = await Promise.all(
    Array.from({ length: size }, (_, i) => {
      return TestServer.open({ id: `replica ${i}`, clock, engine: cluster.engine(), topics, limits })
    }),
  )
  return { clock, cluster, servers: servers as [TestServer, TestServer, TestServer] }
}

const sum = (byGroup: ByGroup): number => Object.values(byGroup).reduce((total, count) => total + count, 0)
const plus = (...all: ByGroup[]): ByGroup =>
  Object.fromEntries(['users', 'viewers'].map((group) => [group, all.reduce((total, each) => total + each[group]!, 0)]))
const zeros = { users: 0, viewers: 0 }

/** Checks every sum of a report, and that no one is named in it. */
function addsUp(report: TopicReport): void {
  expect(plus(report.connections, report.people)).toEqual(report.totals)
  expect(plus(zeros, ...report.replicas.map((part) => part.connections))).toEqual(report.connections)
  const people = report.replicas.reduce((total, part) => total + part.people, 0)
  expect(people - report.duplicates).toBe(sum(report.people))
  expect(report.duplicates).toBeGreaterThanOrEqual(0)
  for (const { own } of report.replicas) {
    expect(own).not.toBeNull()
    const { presences, channels, others, sockets, shows } = own!
    expect(channels + others).toBe(presences)
    expect(sockets.counted).toBe(channels)
    if (shows === null) continue
    const { counts, unreceived, held, shield, unsent } = shows
    expect(plus(report.totals, unreceived, held, shield, unsent)).toEqual(counts)
    // This engine reports each change at once.
    expect(unreceived).toEqual(zeros)
    expect(sum(held)).toBeGreaterThanOrEqual(0)
    if (shows.settle === 0) expect([held, shows.settlesIn]).toEqual([zeros, null])
    if (sum(held) > 0) expect(shows.settlesIn).toBeLessThanOrEqual(shows.settle)
    if (shows.step === 0) expect(shield).toEqual(zeros)
    else for (const count of Object.values(counts)) expect(count % shows.step).toBe(0)
  }
  const text = JSON.stringify(report)
  const keys = personKeys('secret')
  for (const id of ids) {
    expect(text).not.toContain(id)
    for (const kind of ['user', 'client'] as const) expect(text).not.toContain(keys(report.topic, kind, id))
  }
  for (const address of addresses) expect(text).not.toContain(address)
}

/** The data that a replica reports of itself are those of the model. */
function isOf(part: ReplicaPart | undefined, seats: readonly Seat[], unit: 'connections' | 'people'): void {
  const statuses = { counted: 0, observers: 0, hidden: 0, presencesPerUser: 0, presencesPerAddress: 0 }
  for (const { status } of seats) statuses[status] += 1
  const counted = seats.filter(({ status }) => status === 'counted')
  const persons = unit === 'people' ? counted.filter(({ userId, clientId }) => userId ?? clientId) : []
  const channels = new Map<string, number>()
  for (const { userId, clientId } of persons) {
    const person = userId === null ? `client ${clientId}` : `user ${userId}`
    channels.set(person, (channels.get(person) ?? 0) + 1)
  }
  const people = {
    size: channels.size,
    presences: persons.length,
    several: [...channels.values()].filter((number) => number > 1).length,
  }
  if (part === undefined) {
    expect(seats).toEqual([])
    return
  }
  expect(part.own).toMatchObject({ sockets: statuses, presences: counted.length, people })
  const { uncommitted } = part.own!
  const connections = counted.filter((seat) => !persons.includes(seat))
  const users = connections.filter(({ userId }) => userId !== null).length
  expect(plus(part.connections, uncommitted.connections)).toEqual({ users, viewers: connections.length - users })
  expect(part.people + uncommitted.people).toBe(people.size)
}

function statusOf(seats: readonly Seat[], seat: Omit<Seat, 'status' | 'client'>): Seat['status'] {
  const others = seats.filter(({ server, topic, status }) => {
    return server === seat.server && topic === seat.topic && status === 'counted'
  })
  if (seat.userId !== null && others.filter(({ userId }) => userId === seat.userId).length >= 2) {
    return 'presencesPerUser'
  }
  const { address } = seat
  if (address !== null && others.filter((other) => other.address === address).length >= 2) return 'presencesPerAddress'
  return 'counted'
}

test('at any moment of a random schedule, the report of each replica adds up, and is what the model has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, servers } = await startServers()
      let seats: Seat[] = []
      for (const { kind, on, topic, user, client: clientId, address, observes, ms, pick, asked, midTurn } of steps) {
        const server = servers[on]!
        const seat = seats[pick % Math.max(1, seats.length)]
        if (kind === 'join') {
          const client = server.connect({ userId: user, clientId }, 2, address)
          const joining = { server, topic, userId: user, clientId, address }
          seats.push({ ...joining, client, status: observes ? 'observers' : statusOf(seats, joining) })
          client.join(topic, observes ? { observe: true } : {})
        } else if (kind === 'advance') await clock.advance(ms)
        else if (kind === 'settle') await clock.advance(30_000)
        else if (seat !== undefined && (kind === 'leave' || kind === 'disconnect')) {
          if (kind === 'leave') seat.client.leave(seat.topic)
          else seat.client.disconnect()
          seats = seats.filter((each) => each !== seat)
        } else if (seat !== undefined && kind === 'observe') {
          seat.client.push(seat.topic, 'observe', { observe: true })
          if (seat.status !== 'observers') seat.status = 'hidden'
        } else if (seat !== undefined) {
          seat.client.push(seat.topic, 'observe', { observe: false })
          const others = seats.filter((each) => each !== seat)
          if (seat.status !== 'counted') seat.status = statusOf(others, seat)
        }
        if (!midTurn) await clock.advance()
        for (const name of names) {
          const report = (await servers[asked]!.reports.explain(name)) as TopicReport
          addsUp(report)
          expect(report.unanswered).toEqual([])
          for (const [i, each] of servers.entries()) {
            const here = seats.filter((other) => other.topic === name && other.server === each)
            const part = report.replicas.find(({ replica }) => replica === `replica ${i}`)
            isOf(part, here, report.unit)
            const shown = part?.own?.shows
            if (midTurn || shown == null) continue
            for (const { client } of here) {
              const { users, viewers } = client.counts.get(name)!
              expect({ users: users!.count, viewers: viewers!.count }).toEqual(shown.counts)
            }
            if (kind === 'settle' && name !== 'shielded:1') expect(shown.counts).toEqual(report.totals)
          }
        }
        const rolledUp = (await servers[asked]!.reports.explain('all')) as TopicReport
        expect(plus(rolledUp.connections, rolledUp.people)).toEqual(rolledUp.totals)
        for (const { own } of rolledUp.replicas) expect(own!.others).toBe(own!.presences)
      }
      for (const server of servers) await server.stop()
    }),
    { numRuns: 60 },
  )
}, 120_000)

test('a decrease that settle holds back is named, with how long it is', async () => {
  const { clock, servers } = await startServers()
  const [a, b] = servers
  const clients = [a, a, b].map((server) => server.joining('settled:1'))
  await clock.advance(5_000)
  clients[0]!.disconnect()
  await clock.advance(1_000)
  const report = (await b.reports.explain('settled:1')) as TopicReport
  expect(report.totals).toEqual({ users: 0, viewers: 2 })
  for (const { own } of report.replicas) {
    expect(own!.shows).toMatchObject({ counts: { viewers: 3 }, held: { viewers: 1 }, settle: 3_000 })
    expect(own!.shows!.settlesIn).toBeGreaterThan(1_900)
    expect(own!.shows!.settlesIn).toBeLessThanOrEqual(2_000)
    expect(own!.shows!.lastFlush!.subscribers).toBeGreaterThan(0)
  }
  expect(report.sums).toEqual([
    'in all 2 = 2 connections + 0 people',
    'connections 2 = 1 + 1, by replica',
    'people 0 = 0 + 0, by replica, - 0 duplicates',
    'replica replica 0 shows 3 = 2 in all + 0 not received + 1 held by settle + 0 by the shield + 0 not sent yet',
    'replica replica 1 shows 3 = 2 in all + 0 not received + 1 held by settle + 0 by the shield + 0 not sent yet',
  ])
})

test('a replica that hangs is named, and the rest is answered after a second', async () => {
  const clock = new FakeClock()
  const cluster = new MemoryCluster(clock)
  const server = await TestServer.open({ clock, engine: cluster.engine(), topics })
  const hanging = cluster.engine()
  await hanging.open('hanging', { groups: 2, lease: 10_000, changed: () => {} })
  await hanging.commit([{ topic: 'plain:1', counts: [1, 2], people: [], interval: 50 }])
  const odd = cluster.engine()
  const received = (text: string): void => {
    const message = JSON.parse(text)
    void odd.relay!.send(message.by, JSON.stringify({ ...message, kind: 'answer', body: 'no object' }))
  }
  await odd.open('odd', { groups: 2, lease: 10_000, changed: () => {}, received })
  await clock.advance(4_000)
  const reading = Promise.all([server.reports.explain('plain:1'), server.reports.replicas()])
  await clock.advance(1_000)
  const [report, { replicas }] = await reading
  expect(report).toMatchObject({ totals: { users: 1, viewers: 2 }, unanswered: ['hanging', 'odd'] })
  expect((report as TopicReport).replicas.find(({ replica }) => replica === 'hanging')).toEqual({
    ...{ replica: 'hanging', isAsked: false, leaseAge: 4_000, people: 0, own: null },
    connections: { users: 1, viewers: 2 },
  })
  expect(replicas.map(({ status }) => status?.version)).toEqual(['test', undefined, undefined])
  await server.stop()
})

test('the busiest topics of the cluster are those with the most presences on all replicas together', async () => {
  const { clock, servers } = await startServers()
  const join = (server: TestServer, topic: string, times: number) => {
    for (let i = 0; i < times; i++) server.connect().join(topic)
  }
  const [a, b, c] = servers
  join(a, 'plain:1', 3)
  join(b, 'plain:2', 2)
  for (const server of [a, b, c]) join(server, 'settled:1', 2)
  join(c, 'shielded:1', 1)
  await clock.advance(1_000)
  const first = await b.reports.busiest({ sort: 'count', prefix: '', limit: 2 })
  expect(first.topics.map(({ topic, count }) => [topic, count])).toEqual([
    ['settled:1', 6],
    ['all', 5],
  ])
  expect(first).toMatchObject({ othersAtMost: 0, unanswered: [] })
  const next = await c.reports.busiest({ sort: 'count', prefix: '', limit: 9, after: first.next! })
  expect(next.topics.map(({ topic, counts }) => [topic, counts.viewers])).toEqual([
    ['plain:1', 3],
    ['plain:2', 2],
    ['shielded:1', 1],
  ])
  expect(next.next).toBeUndefined()
  const joins = await a.reports.busiest({ sort: 'joins', prefix: 'plain:', limit: 9 })
  expect(joins.topics.map(({ topic, joins: rate }) => [topic, rate])).toEqual([
    ['plain:1', expect.closeTo(3 / 60, 2)],
    ['plain:2', expect.closeTo(2 / 60, 2)],
  ])
})

test.each([
  ['nothing', {}],
  ['lists', []],
  ['texts', { host: 1, version: null, topics: 'none', others: '7', sockets: 'many', tracked: 'x', shows: 'y' }],
  ['numbers that are none', { topics: [{ topic: 'plain:1', value: null, joins: 1 }], others: 0 }],
  ['topics without a name', { topics: [{ value: 1, joins: 1 }, null], others: 0 }],
  ['parts of a topic', { sockets: {}, tracked: { counts: null }, shows: { known: [] } }],
  ['a topic that shows texts', { sockets: { counted: '<b>' }, tracked: { counts: ['1'], people: [1] } }],
])('a replica that answers otherwise than expected has not answered: %s', async (_answers, answer) => {
  const { clock, servers } = await startServers()
  const [asked, other] = servers
  asked.connect().join('plain:1')
  await clock.advance(1_000)
  for (const server of [other, servers[2]]) {
    for (const name of ['topic', 'busiest', 'status']) server.replica.requests.handle(name, () => answer)
  }
  const reports = Promise.all([
    asked.reports.busiest({ sort: 'count', prefix: '', limit: 10 }),
    asked.reports.explain('plain:1'),
    asked.reports.replicas(),
  ])
  await clock.advance(1_000)
  const [busiest, explained, { replicas }] = await reports
  const others = ['replica 1', 'replica 2']
  expect([busiest.unanswered, (explained as TopicReport).unanswered]).toEqual([others, others])
  expect(busiest.topics.map(({ topic }) => topic).sort()).toEqual(['all', 'plain:1'])
  expect(replicas.map(({ status }) => status === null)).toEqual([false, true, true])
})
