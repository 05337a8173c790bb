import { randomInt } from 'node:crypto'
import { pause, random, sameCounts, WireClient } from '@headcount/testing'
import { afterEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withCluster } from './cluster.js'
import { Fleet } from './fleet.js'

/** More of them make better figures: `LATENCY_REPEATS=500`. */
const repeats = Number(process.env.LATENCY_REPEATS ?? 40)
const each = 100
/** The default of the setting `flush.minimum`, in ms: what so many clients of one topic have. */
const interval = 50

describeWith('redis', 'three replicas, a hundred clients of one topic on each', () => {
  const cluster = withCluster()
  let fleet: Fleet
  afterEach(() => fleet.end())

  /** Calls back once every client shows the truth, at the moment when the last one does. */
  const watching = async (topic: string) => {
    fleet = new Fleet(topic)
    for (const url of cluster.urls) await fleet.join(url, each)
    await fleet.right(10_000)
    let wrong = new Set<WireClient>()
    let done = (_: number) => {}
    const look = (client: WireClient) => {
      if (!wrong.has(client) || !sameCounts(client.shown(topic), fleet.truth)) return
      wrong.delete(client)
      if (wrong.size === 0) done(performance.now())
    }
    for (const client of fleet.clients) client.socket.on('message', () => look(client))
    return (from: number) =>
      new Promise<number>((resolve) => {
        done = (at) => resolve(at - from)
        wrong = new Set(fleet.open)
        for (const client of fleet.open) look(client)
      })
  }

  /** A client that comes to a random replica, or goes: by a close, or without a word. @returns when. */
  const mover = (dice: ReturnType<typeof random>, topic: string) => {
    const others: WireClient[] = []
    return async () => {
      const leaver = others.length > 5 || dice.chance(others.length / 12) ? others.shift() : undefined
      const opened = leaver ?? (await WireClient.open(dice.of(cluster.urls), { keep: false }))
      const at = performance.now()
      if (leaver === undefined) {
        others.push(opened)
        opened.sendJoin(topic)
      } else if (dice.chance(0.5)) void opened.close()
      else opened.drop()
      return { at, by: leaver === undefined ? 1 : -1 }
    }
  }

  it('show a change everywhere at once where all was quiet', async () => {
    const seed = randomInt(2 ** 31)
    const dice = random(seed)
    const topic = 'video:quiet'
    const seen = await watching(topic)
    const move = mover(dice, topic)
    const took: number[] = []
    for (let i = 0; i < repeats; i++) {
      await pause(3 * interval + dice.below(2 * interval))
      const { at, by } = await move()
      fleet.guests += by
      took.push(await seen(at))
    }
    const [p50, , max] = report('a change after a quiet', took)
    expect(p50).toBeLessThan(interval + 50)
    expect(max).toBeLessThan(1_000)
    expect(fleet.breaches()).toEqual([])
  }, 300_000)

  it('show the last of many changes everywhere within an interval or two', async () => {
    const dice = random(randomInt(2 ** 31))
    const topic = 'video:busy'
    const seen = await watching(topic)
    const move = mover(dice, topic)
    const took: number[] = []
    for (let i = 0; i < repeats; i++) {
      let last = 0
      for (let n = 5 + dice.below(15); n > 0; n--) {
        await pause(dice.below(interval / 2))
        const { at, by } = await move()
        fleet.guests += by
        last = at
      }
      took.push(await seen(last))
    }
    const [p50, , max] = report('the last of many changes', took)
    expect(p50).toBeLessThan(2 * interval + 50)
    expect(max).toBeLessThan(1_000)
    expect(fleet.breaches()).toEqual([])
  }, 300_000)
})

/** Prints the middle, the hundredth that is worst, and the worst. */
function report(what: string, took: readonly number[]): readonly [p50: number, p99: number, max: number] {
  const sorted = [...took].sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
  const figures = [at(0.5), at(0.99), at(1)] as const
  const [p50, p99, max] = figures
  console.info(
    `${what}, on every client of three replicas: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms (${took.length} times)`,
  )
  return figures
}
