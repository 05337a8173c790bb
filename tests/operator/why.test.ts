import type { TopicReport } from '@headcount/server'
import { random, until, WireClient } from '@headcount/testing'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { newTopic } from '../support/topics.js'
import { withRedis } from '../support/with-redis.js'
import { requestAny, startWorkers } from '../support/workers.js'

const secret = 'the secret of the operators has 32 bytes or more'
const cleanup = cleanups()
const groups = ['users', 'viewers'] as const
const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0)
const all = (byGroup: TopicReport['totals']) => total(Object.values(byGroup))

const explain = async (server: HeadcountServer, topic: string) =>
  JSON.parse(await requestAny(`${server.url}/api/topics/${topic}`)) as TopicReport

/** Checks every sum of a report, and that it names no person. */
function addsUp(report: TopicReport): void {
  const text = JSON.stringify(report)
  expect(text).not.toContain('planted')
  expect(text).not.toContain('127.0.0.1')
  for (const group of groups) {
    expect(report.connections[group]! + report.people[group]!).toBe(report.totals[group])
    expect(total(report.replicas.map(({ connections }) => connections[group]!))).toBe(report.connections[group])
  }
  expect(report.duplicates).toBeGreaterThanOrEqual(0)
  expect(total(report.replicas.map(({ people }) => people)) - report.duplicates).toBe(all(report.people))
  for (const { own } of report.replicas) {
    if (own === null) continue
    expect(own.channels + own.others).toBe(own.presences)
    expect(own.sockets.counted).toBe(own.channels)
    if (own.shows === null) continue
    for (const group of groups) {
      const { counts, unreceived, held, shield, unsent } = own.shows
      const steps = [unreceived, held, shield, unsent].map((part) => part[group]!)
      expect(report.totals[group]! + total(steps)).toBe(counts[group])
    }
  }
}

/** The minimum duration of each soak: the long form is `WHY_SECONDS=150 npm test -- operator/why`. */
const seconds = Number(process.env.WHY_SECONDS ?? 0)
/** Maximum clients of a soak. */
const maxClients = 60

/** Clients join, leave and hide for a while, and every answer adds up. At the end it matches the clients exactly. */
async function soak(servers: readonly HeadcountServer[], topic: string, unit: 'connections' | 'people') {
  const { next, below: pick } = random(7)
  const seats: { client: WireClient; id: number; isUser: boolean; status: 'counted' | 'observers' | 'hidden' }[] = []
  const step = async () => {
    const seat = seats[pick(seats.length)]
    const kind = next()
    if (seat === undefined || (kind < 0.6 && seats.length < maxClients)) {
      const [id, isUser, observe] = [pick(6), next() < 0.5, next() < 0.15]
      const identity = isUser ? { token: tokenFor(secret, `planted-${id}`) } : { clientId: `planted-${id}` }
      const client = await WireClient.open(servers[pick(servers.length)]!.url, identity)
      cleanup(() => client.drop())
      await client.join(topic, observe ? { observe } : {})
      seats.push({ client, id, isUser, status: observe ? 'observers' : 'counted' })
    } else if (kind < 0.85) {
      await seat.client.leave(topic)
      seats.splice(seats.indexOf(seat), 1)
    } else if (seat.status === 'counted') {
      await seat.client.reply(seat.client.push(topic, 'observe', { observe: true }))
      seat.status = 'hidden'
    }
  }
  let asked = 0
  const end = performance.now() + seconds * 1000
  for (let round = 0; round < 40 || performance.now() < end; round++) {
    const steps = step()
    const reports = await Promise.all([0, 1].map(() => explain(servers[pick(servers.length)]!, topic)))
    for (const report of reports) addsUp(report)
    asked += reports.length
    await steps
  }
  console.info(`why: ${asked} answers about ${unit} added up, with ${seats.length} clients in the end`)

  const counted = seats.filter(({ status }) => status === 'counted')
  const of = (isUser: boolean) => {
    const ids = counted.filter((seat) => seat.isUser === isUser).map(({ id }) => id)
    return unit === 'people' ? new Set(ids).size : ids.length
  }
  const expected = { users: of(true), viewers: of(false) }
  const settled = await until('all to be committed and sent', async () => {
    const report = await explain(servers[0]!, topic)
    addsUp(report)
    const shown = report.replicas.flatMap(({ own }) => (own?.shows ? [own.shows.counts] : []))
    const isDone = report.replicas.every(({ own }) => own !== null && own.uncommitted.people === 0)
    return isDone && shown.every((counts) => all(counts) === all(expected)) ? report : undefined
  })
  expect(settled.totals).toEqual(expected)
  const sockets = settled.replicas.map(({ own }) => own!.sockets)
  for (const status of ['counted', 'observers', 'hidden'] as const) {
    const size = seats.filter((seat) => seat.status === status).length
    expect([status, total(sockets.map((each) => each[status]))]).toEqual([status, size])
  }
  expect(total(settled.replicas.map(({ own }) => own!.shows?.subscribers ?? 0))).toBe(seats.length)
}

/** The number of replicas, all of which have reported their status. */
async function statuses(server: HeadcountServer): Promise<number> {
  const { replicas } = JSON.parse(await requestAny(`${server.url}/api/replicas`)) as { replicas: { status: unknown }[] }
  expect(replicas.every(({ status }) => status !== null)).toBe(true)
  return replicas.length
}

async function busiest(servers: readonly HeadcountServer[]): Promise<void> {
  const prefix = newTopic('busy')
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j <= i; j++) {
      const client = await WireClient.open(servers[j % servers.length]!.url)
      cleanup(() => client.drop())
      await client.join(`${prefix}:${i}`)
    }
  }
  const expected = [3, 2, 1].map((i) => [`${prefix}:${i}`, i + 1])
  for (const server of servers) {
    await until('the busiest topics', async () => {
      const page = JSON.parse(await requestAny(`${server.url}/api/topics?prefix=${prefix}&limit=3`))
      const topics = page.topics.map(({ topic, count }: { topic: string; count: number }) => [topic, count])
      return JSON.stringify([topics, page.unanswered]) === JSON.stringify([expected, []])
    })
  }
}

const config = {
  topics: [
    { pattern: 'people:*', unit: 'people', settle: 300 },
    { pattern: '*', settle: 200 },
  ],
}
const env = { HEADCOUNT_JWT_SECRET: secret, HEADCOUNT_SECRET: secret }

function checks(size: number, servers: readonly HeadcountServer[]): void {
  it.each(['connections', 'people'] as const)(
    'explain a count of %s so that it adds up at any moment',
    (unit) => soak(servers, newTopic(unit === 'people' ? 'people' : 'video'), unit),
    60_000 + seconds * 1000,
  )
  it('know all replicas', () => until('all replicas', async () => (await statuses(servers[0]!)) === size))
  it('know the busiest topics of all replicas', () => busiest(servers), 30_000)
}

describe('three workers', () => {
  const servers: HeadcountServer[] = []
  beforeAll(async () => void servers.push(await startWorkers(3, [], { config, env })))
  afterAll(() => Promise.all(servers.map((server) => server.kill())))
  checks(3, servers)
})

describeWith('redis', 'servers over Redis, one of them with two workers', () => {
  const redis = withRedis()
  const servers: HeadcountServer[] = []
  beforeAll(async () => {
    servers.push(await startServer(['--redis', redis().url], { config, env }))
    servers.push(await startWorkers(2, ['--redis', redis().url], { config, env }))
  })
  afterAll(() => Promise.all(servers.map((server) => server.kill())))
  checks(3, servers)
})
