import { randomInt } from 'node:crypto'
import { pause, random, until, type WireClient } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'
import { TopicClients } from '../support/topic-clients.js'

/** In ms. `CLUSTER_LEASE=10000` is the default of the command. */
const lease = Number(process.env.CLUSTER_LEASE ?? 2_000)
/** How long Redis is paused and down, in ms: `CLUSTER_PAUSE=30000 CLUSTER_OUTAGE=60000` are longer ones. */
const redisPause = Number(process.env.CLUSTER_PAUSE ?? 3_000)
const outage = Number(process.env.CLUSTER_OUTAGE ?? 5_000)
/** How much a replica's memory may grow in an outage, in bytes: the variation of Node itself. */
const maxGrowth = 40 * 2 ** 20

describeWith('redis', 'three replicas with churning clients while Redis fails', () => {
  const cluster = withCluster({ lease })
  const seed = Number(process.env.CLUSTER_SEED ?? randomInt(2 ** 31))
  const seeded = random(seed)
  let clients: TopicClients
  let topics = 0

  beforeEach(async () => {
    topics += 1
    clients = new TopicClients(`video:${topics}`)
    for (const url of cluster.urls) await clients.join(url, 100)
    await clients.converge(10_000)
  }, 60_000)
  afterEach(async () => {
    clients.drop()
    cluster.proxies[0]!.heal()
    if (!cluster.redis.running) await cluster.redis.start()
    await cluster.empty()
  }, 60_000)

  const churn = () => clients.churn(() => cluster.urls, seeded)
  const ready = (url: string) => fetch(`${url}/readyz`).then(({ status }) => status)
  const allAnswer = (status: number) =>
    until(`all replicas to answer ${status}`, async () =>
      (await Promise.all(cluster.urls.map(ready))).every((each) => each === status),
    )
  const memory = (url: string) => metric(url, 'process_resident_memory_bytes')

  const reportsUnreachable = async (url: string) => {
    const response = await fetch(`${url}/readyz`)
    const { error } = await response.json()
    expect(response.status).toBe(503)
    expect(error).toEqual({ code: 'not_ready', message: 'engine unreachable' })
    expect(await metric(url, 'headcount_ready')).toBe(0)
    expect(await metric(url, 'headcount_commits_failed_total')).toBeGreaterThan(0)
  }

  /** All clients converge within a lease after the fault's end, although they churn for a quarter of it. */
  const recovers = async (fault: string, stopChurn: () => Promise<void>) => {
    const healed = performance.now()
    clients.lowest = Number.POSITIVE_INFINITY
    await pause(lease / 4)
    await stopChurn()
    await clients.converge(healed + lease - performance.now())
    const took = Math.round(performance.now() - healed)
    console.info(`${fault}: converged after ${took} ms, lease ${lease} ms, lowest sum ${clients.lowest} of about 300`)
    expect({ seed, faults: clients.faults }).toEqual({ seed, faults: [] })
    await allAnswer(200)
  }

  /** Local joins and leaves are shown on top of the last known totals. */
  const showsLocalChanges = async (url: string, known: number) => {
    const [observed, ...others] = (await clients.join(url, 10)) as [WireClient, ...WireClient[]]
    const sum = () => observed.shown(clients.topic)!.users.count + observed.shown(clients.topic)!.viewers.count
    const shows = (total: number) => until(`a sum of ${total}`, () => sum() === total, { within: 2_000, got: sum })
    await shows(known + 10)
    for (const client of others) clients.disconnect(client, true)
    await shows(known + 1)
    clients.disconnect(observed, true)
  }

  it('converge within a lease after Redis was restarted empty', async () => {
    const stopChurn = churn()
    await pause(500)
    await cluster.redis.restartEmpty()
    await recovers('Redis restarted empty', stopChurn)
    const lost = await Promise.all(cluster.urls.map((url) => metric(url, 'headcount_commits_lost_total')))
    for (const count of lost) expect(count).toBeGreaterThan(0)
  }, 120_000)

  it(`converge within a lease after Redis was paused for ${redisPause} ms`, async () => {
    const stopChurn = churn()
    await pause(500)
    cluster.redis.pause()
    await pause(redisPause)
    for (const url of cluster.urls) await reportsUnreachable(url)
    cluster.redis.resume()
    await recovers(`Redis paused for ${redisPause} ms`, stopChurn)
  }, 180_000)

  it(`count locally in constant memory while Redis is down for ${outage} ms, and converge within a lease`, async () => {
    await cluster.redis.kill()
    await allAnswer(503)
    for (const url of cluster.urls) await showsLocalChanges(url, 300)
    const before = await Promise.all(cluster.urls.map(memory))
    const stopChurn = churn()
    await pause(outage)
    const growth = (await Promise.all(cluster.urls.map(memory))).map((bytes, i) => bytes - before[i]!)
    console.info(`Redis down for ${outage} ms: replicas grew by ${growth.map(megabytes).join(', ')}`)
    for (const bytes of growth) expect(bytes).toBeLessThan(maxGrowth)
    for (const url of cluster.urls) await reportsUnreachable(url)
    await cluster.redis.start()
    await recovers(`Redis down for ${outage} ms`, stopChurn)
  }, 180_000)

  it('remove a replica cut off from Redis, which counts its own clients; all converge within a lease', async () => {
    const [cutOff, ...others] = cluster.urls as [string, ...string[]]
    const rest = clients.clients.slice(100)
    const before = await memory(cutOff)
    cluster.proxies[0]!.partition()
    const took = await clients.converge(lease + 1_000, rest, clients.count(rest))
    console.info(`a replica cut off: the others converged after ${Math.round(took)} ms`)
    await until('the replica to notice', async () => (await ready(cutOff)) === 503)
    await reportsUnreachable(cutOff)
    for (const url of others) expect(await ready(url)).toBe(200)
    await showsLocalChanges(cutOff, 300)
    const stopChurn = churn()
    await pause(outage / 2)
    const growth = (await memory(cutOff)) - before
    console.info(`a replica cut off: it grew by ${megabytes(growth)}`)
    expect(growth).toBeLessThan(maxGrowth)
    cluster.proxies[0]!.heal()
    await recovers('a replica cut off', stopChurn)
  }, 180_000)
})

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}
