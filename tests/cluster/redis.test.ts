import { randomInt } from 'node:crypto'
import { pause, random, until, type WireClient } from '@headcount/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { churn } from './churn.js'
import { metric, withCluster } from './cluster.js'
import { Fleet } from './fleet.js'

/** In ms. `CLUSTER_LEASE=10000` is the program's default. */
const lease = Number(process.env.CLUSTER_LEASE ?? 2_000)
/** For how long, in ms, Redis stands still and is away: `CLUSTER_PAUSE=30000 CLUSTER_OUTAGE=60000` are the long ones. */
const stillness = Number(process.env.CLUSTER_PAUSE ?? 5_000)
const outage = Number(process.env.CLUSTER_OUTAGE ?? 8_000)
/** How much the memory of a replica may move in an outage: what Node itself takes and gives. */
const flat = 40 * 2 ** 20

describeWith('redis', 'three replicas whose clients come and go while Redis fails', () => {
  const cluster = withCluster({ lease })
  const seed = Number(process.env.CLUSTER_SEED ?? randomInt(2 ** 31))
  const dice = random(seed)
  let fleet: Fleet
  let topics = 0

  beforeEach(async () => {
    topics += 1
    fleet = new Fleet(`video:${topics}`)
    for (const url of cluster.urls) await fleet.join(url, 100)
    await fleet.right(10_000)
  }, 60_000)
  afterEach(async () => {
    fleet.end()
    cluster.proxy(0).heal()
    if (!cluster.redis.running) await cluster.redis.start()
    await cluster.empty()
  }, 60_000)

  const ready = (url: string) => fetch(`${url}/readyz`).then(({ status }) => status)
  const allReady = () =>
    until('all to be ready', async () => {
      const answers = await Promise.all(cluster.urls.map(ready))
      return answers.every((status) => status === 200)
    })

  /** What is told of a replica that cannot reach Redis. */
  const saysSo = async (url: string) => {
    const answer = await fetch(`${url}/readyz`)
    const { error } = await answer.json()
    expect(answer.status).toBe(503)
    expect(error).toMatchObject({ code: 'not_ready', message: expect.stringContaining('Redis') })
    expect(error.message).not.toContain('127.0.0.1')
    expect(await metric(url, 'headcount_ready')).toBe(0)
    expect(await metric(url, 'headcount_commits_failed_total')).toBeGreaterThan(0)
  }

  /** From the return of Redis on: how long until everyone shows the truth, though clients come and go at first. */
  const recovered = async (what: string, stop: () => Promise<void>) => {
    const back = performance.now()
    fleet.lowest = Number.POSITIVE_INFINITY
    await pause(lease / 4)
    await stop()
    await fleet.right(back + lease - performance.now())
    const took = Math.round(performance.now() - back)
    console.info(
      `${what}: right everywhere ${took} ms after its return, with a lease of ${lease} ms; ` +
        `the least that was told is ${fleet.lowest} of about 300`,
    )
    expect({ seed, breaches: fleet.breaches() }).toEqual({ seed, breaches: [] })
    await allReady()
  }

  /** Clients that come to a replica and go are shown to its own at once, on top of what is known. */
  const showsItsOwn = async (url: string, known: number) => {
    const came = await fleet.join(url, 10)
    const [one, ...more] = came as [WireClient, ...WireClient[]]
    const shows = (total: number) => {
      const shown = () => one.shown(fleet.topic)!.users.count + one.shown(fleet.topic)!.viewers.count
      return until(`${total} in all`, () => shown() === total, { within: 2_000, got: shown })
    }
    await shows(known + 10)
    for (const client of more) fleet.part(client, true)
    await shows(known + 1)
    fleet.part(one, true)
  }

  it('are right within a lease after it was killed and came back empty', async () => {
    const stop = churn(fleet, () => cluster.urls, dice)
    await pause(500)
    await cluster.redis.restartEmpty()
    await recovered('Redis restarted empty', stop)
    const lost = await Promise.all(cluster.urls.map((url) => metric(url, 'headcount_commits_lost_total')))
    for (const count of lost) expect(count).toBeGreaterThan(0)
  }, 120_000)

  it(`are right within a lease after it stood still for ${stillness} ms`, async () => {
    const stop = churn(fleet, () => cluster.urls, dice)
    await pause(500)
    cluster.redis.pause()
    await pause(stillness)
    for (const url of cluster.urls) await saysSo(url)
    cluster.redis.resume()
    await recovered(`Redis stood still for ${stillness} ms`, stop)
  }, 180_000)

  it(`count their own while it is away for ${outage} ms, grow by nothing, and are right within a lease`, async () => {
    const memory = () => Promise.all(cluster.urls.map((url) => metric(url, 'process_resident_memory_bytes')))
    await cluster.redis.kill()
    await until('all to notice', async () => {
      const answers = await Promise.all(cluster.urls.map(ready))
      return answers.every((status) => status === 503)
    })
    for (const url of cluster.urls) await showsItsOwn(url, 300)
    const before = await memory()
    const stop = churn(fleet, () => cluster.urls, dice)
    await pause(outage)
    const grown = (await memory()).map((bytes, i) => bytes - before[i]!)
    console.info(`Redis away for ${outage} ms: replicas grew by ${grown.map(megabytes).join(', ')}`)
    for (const bytes of grown) expect(bytes).toBeLessThan(flat)
    for (const url of cluster.urls) await saysSo(url)
    await cluster.redis.start()
    await recovered(`Redis away for ${outage} ms`, stop)
  }, 180_000)

  it('go on without one that a broken network cuts off, which counts its own; together they are right in a lease', async () => {
    const [cut, ...others] = cluster.urls as [string, ...string[]]
    const own = () => fleet.clients.slice(0, 100)
    const rest = () => fleet.clients.slice(100)
    const before = await metric(cut, 'process_resident_memory_bytes')
    cluster.proxy(0).cut()
    const begun = performance.now()
    // The others forget it whole.
    await fleet.right(lease + 1_000, rest(), fleet.count(rest()))
    console.info(`one cut off: right at the others ${Math.round(performance.now() - begun)} ms later`)
    await until('it to notice', async () => (await ready(cut)) === 503)
    await saysSo(cut)
    for (const url of others) expect(await ready(url)).toBe(200)
    await showsItsOwn(cut, 300)
    const stop = churn(fleet, () => cluster.urls, dice)
    await pause(outage / 2)
    const grown = (await metric(cut, 'process_resident_memory_bytes')) - before
    console.info(`one cut off: it grew by ${megabytes(grown)}`)
    expect(grown).toBeLessThan(flat)
    expect(own().length).toBeGreaterThan(0)
    cluster.proxy(0).heal()
    await recovered('one cut off', stop)
  }, 180_000)
})

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}
