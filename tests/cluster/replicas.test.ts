import { pause, WireClient } from '@headcount/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withCluster } from './cluster.js'
import { Fleet } from './fleet.js'

/** In ms. `CLUSTER_LEASE=10000` is the program's default. */
const lease = Number(process.env.CLUSTER_LEASE ?? 2_000)
/** A replica renews its lease so often, in ms. */
const renewal = lease / 4
/** What a machine may take that has two processors for five processes and 1,200 clients, in ms. */
const slack = 1_000

describeWith('redis', 'three replicas, 1,000 clients on the first and 100 on each other', () => {
  const cluster = withCluster({ lease })
  let fleet: Fleet
  let topics = 0
  const first = () => cluster.servers[0]!

  beforeEach(async () => {
    topics += 1
    fleet = new Fleet(`video:${topics}`)
    await fleet.join(first().url, 1_000)
    for (const url of cluster.urls.slice(1)) await fleet.join(url, 100)
    await fleet.right(20_000)
  }, 60_000)
  afterEach(async () => {
    fleet.end()
    if (first().child.ended) await first().start()
    await cluster.empty()
  }, 60_000)

  const staying = () => fleet.clients.slice(1_000)
  /** Nobody may be told anything from now on but what lies between all and those that stay. */
  const bound = () => fleet.boundBetween(fleet.count(staying()), fleet.count(fleet.clients))

  it('show the truth within a lease and a second after it is killed, and nothing odd on the way', async () => {
    bound()
    const truth = fleet.count(staying())
    await first().kill()
    const took = await fleet.right(lease + slack, staying(), truth)
    console.info(`SIGKILL: right everywhere ${Math.round(took)} ms later, with a lease of ${lease} ms`)
    expect(fleet.breaches()).toEqual([])
    await first().start()
    fleet.bound(undefined)
    await fleet.join(first().url, 1)
    await fleet.right(slack + 1_000)
  }, 90_000)

  it('show the truth at once when it is asked to stop', async () => {
    bound()
    const truth = fleet.count(staying())
    const begun = performance.now()
    const stopped = first().stop()
    await fleet.right(slack, staying(), truth)
    console.info(`SIGTERM: right everywhere ${Math.round(performance.now() - begun)} ms later`)
    expect(await stopped).toEqual({ code: 0, signal: null })
    expect(fleet.breaches()).toEqual([])
  }, 90_000)

  it('do without one that stands still, and have it whole again a renewal after it goes on', async () => {
    bound()
    const [less, all] = [fleet.count(staying()), fleet.count(fleet.clients)]
    first().pause()
    const gone = await fleet.right(lease + slack, staying(), less)
    await pause(lease / 2)
    first().resume()
    const back = await fleet.right(renewal + slack, fleet.clients, all)
    console.info(
      `SIGSTOP: right everywhere ${Math.round(gone)} ms later; SIGCONT: ${Math.round(back)} ms, with a lease of ${lease} ms`,
    )
    expect(fleet.breaches()).toEqual([])
    expect(fleet.open).toHaveLength(1_200)
  }, 90_000)

  it('notice nothing of one that stands still for less than its lease', async () => {
    const all = fleet.truth
    fleet.bound({
      users: [all.users.count, all.users.count],
      viewers: [all.viewers.count, all.viewers.count],
    })
    first().pause()
    await pause(lease / 2)
    first().resume()
    await pause(lease)
    expect(fleet.breaches()).toEqual([])
    fleet.bound(undefined)
    await fleet.join(first().url, 1)
    await fleet.right(slack)
  }, 90_000)

  it('are told the whole by a fresh one with their first state', async () => {
    const late = await cluster.add()
    const before = fleet.truth
    const one = await WireClient.open(late.url)
    await one.enter(fleet.topic, { observe: true })
    expect(one.of(fleet.topic, 'presence_state')[0]?.payload).toEqual(before)
    await fleet.join(late.url, 1)
    await fleet.right(slack)
    one.drop()
    expect(fleet.breaches()).toEqual([])
  }, 90_000)
})
