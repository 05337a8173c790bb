import { randomInt } from 'node:crypto'
import { pause, type Random, random, sameCounts, WireClient } from '@headcount/testing'
import { afterEach, expect, it } from 'vitest'
import { withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'
import { TopicClients } from '../support/topic-clients.js'

/** For better figures: `LATENCY_REPEATS=500`. */
const repeats = Number(process.env.LATENCY_REPEATS ?? 15)
/** The flush interval of a few clients, in ms: the default of `flush.minimum`. */
const interval = 50

describeWith('redis', 'three replicas with a hundred clients of one topic on each', () => {
  const cluster = withCluster()
  let clients: TopicClients
  afterEach(() => clients.drop())

  /** Returns a function that resolves when every client shows the truth, with the ms since the given time. */
  const enter = async (topic: string) => {
    clients = new TopicClients(topic)
    for (const url of cluster.urls) await clients.join(url, 100)
    await clients.converge(10_000)
    let wrong = new Set<WireClient>()
    let resolve = (_: number) => {}
    const check = (client: WireClient) => {
      if (!wrong.has(client) || !sameCounts(client.shown(topic), clients.truth)) return
      wrong.delete(client)
      if (wrong.size === 0) resolve(performance.now())
    }
    for (const client of clients.clients) client.socket.on('message', () => check(client))
    return (since: number) =>
      new Promise<number>((done) => {
        resolve = (at) => done(at - since)
        wrong = new Set(clients.open)
        for (const client of clients.open) check(client)
      })
  }

  /** Makes a guest join a random replica, or leave with or without a close frame; @returns when. */
  const changes = (seeded: Random, topic: string) => {
    const guests: WireClient[] = []
    return async () => {
      const leaver = guests.length > 5 || seeded.chance(guests.length / 12) ? guests.shift() : undefined
      const joiner = leaver ?? (await WireClient.open(seeded.of(cluster.urls), { keep: false }))
      const at = performance.now()
      clients.guests += leaver === undefined ? 1 : -1
      if (leaver === undefined) {
        guests.push(joiner)
        joiner.sendJoin(topic)
      } else if (seeded.chance(0.5)) void leaver.close()
      else leaver.drop()
      return at
    }
  }

  it('show a change at once if the topic was quiet', async () => {
    const seeded = random(randomInt(2 ** 31))
    const shown = await enter('video:quiet')
    const change = changes(seeded, 'video:quiet')
    const took: number[] = []
    for (let i = 0; i < repeats; i++) {
      await pause(3 * interval + seeded.below(2 * interval))
      took.push(await shown(await change()))
    }
    const { median, max } = report('a change of a quiet topic', took)
    expect(median).toBeLessThan(interval + 50)
    expect(max).toBeLessThan(1_000)
    expect(clients.faults).toEqual([])
  }, 300_000)

  it('show the last of many changes within two flush intervals', async () => {
    const seeded = random(randomInt(2 ** 31))
    const shown = await enter('video:busy')
    const change = changes(seeded, 'video:busy')
    const took: number[] = []
    for (let i = 0; i < repeats; i++) {
      let last = 0
      for (let n = 5 + seeded.below(15); n > 0; n--) {
        await pause(seeded.below(interval / 2))
        last = await change()
      }
      took.push(await shown(last))
    }
    const { median, max } = report('the last of many changes', took)
    expect(median).toBeLessThan(2 * interval + 50)
    expect(max).toBeLessThan(1_000)
    expect(clients.faults).toEqual([])
  }, 300_000)
})

function report(change: string, took: readonly number[]): { median: number; max: number } {
  const sorted = [...took].sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
  console.info(`${change}, on all clients of three replicas: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`)
  return { median: at(0.5), max: at(1) }
}
