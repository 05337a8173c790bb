import { random, until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { LoadClient } from '../../tools/load/client.mjs'
import { withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'

const minute = 60_000
const lease = 2_000
const topic = 'video:1'

interface Figures {
  readonly peak: number
  readonly peakAt: number
  readonly personMinutes: number
}

interface History {
  readonly known: number
  readonly wholeFrom: number
  readonly total: Figures
  readonly points: readonly { readonly known: number; readonly total: Figures | { readonly personMinutes: null } }[]
}

/** A time between two others, in ms since 1970. */
type Between = readonly [after: number, before: number]

/** The plain model of one client: the period in which it was counted. */
interface Stay {
  readonly from: Between
  to: Between | undefined
}

describeWith('redis', 'the history of three replicas over Redis', () => {
  const cluster = withCluster({ lease, config: { topics: [{ pattern: 'video:*', history: 'readers' }] } })

  test('has the integral of the counts, even when a replica is killed', async () => {
    const { next, below, of } = random(11)
    const stays: Stay[] = []
    const open = new Map<LoadClient, { readonly stay: Stay; readonly replica: number }>()
    const read = async (replica: number): Promise<History> => {
      const range = `from=${from}&to=${to()}&step=${minute}`
      return (await (await fetch(`${cluster.urls[replica]}/api/counts/${topic}/history?${range}`)).json()) as History
    }
    const counted = async (replica: number): Promise<number> => {
      const response = await fetch(`${cluster.urls[replica]}/api/counts/${topic}`)
      return ((await response.json()) as { counts: { viewers: { count: number } } }).counts.viewers.count
    }
    const from = Math.floor(Date.now() / minute) * minute
    const to = () => Math.ceil((Date.now() + 1) / minute) * minute
    let alive = [0, 1, 2]
    /** Runs an action, and resolves when all replicas show its counts. @returns that time. */
    const change = async (work: () => Promise<unknown>, size: () => number): Promise<Between> => {
      const begin = Date.now()
      await work()
      await Promise.all(alive.map((replica) => until('the count', async () => (await counted(replica)) === size())))
      return [begin, Date.now()]
    }
    const enter = async () => {
      const replica = of(alive)
      const client = new LoadClient({ url: cluster.urls[replica]!.replace('http', 'ws'), topic })
      const work = async () => {
        await client.connect()
        await client.join()
      }
      const stay: Stay = { from: await change(work, () => open.size + 1), to: undefined }
      stays.push(stay)
      open.set(client, { stay, replica })
    }
    const leave = async () => {
      const [client, { stay }] = [...open][below(open.size)]!
      open.delete(client)
      stay.to = await change(
        () => client.close(),
        () => open.size,
      )
    }
    const steps = async (times: number) => {
      for (let i = 0; i < times; i++) await (open.size > 0 && next() < 0.4 ? leave() : enter())
    }

    await steps(30)
    // The replica that is killed counts some clients.
    while (![...open.values()].some(({ replica }) => replica === 2)) await enter()
    alive = [0, 1]
    const gone = [...open].filter(([, { replica }]) => replica === 2)
    for (const [client] of gone) open.delete(client)
    const died = await change(
      () => cluster.servers[2]!.kill(),
      () => open.size,
    )
    for (const [, { stay }] of gone) stay.to = died
    await steps(30)
    while (open.size > 0) await leave()

    // Without further changes all replicas return the same history.
    const [first, second] = [await read(0), await read(1)]
    const fixed = ({ total: { peak, peakAt, personMinutes } }: History) => ({ peak, peakAt, personMinutes })
    expect(fixed(second)).toEqual(fixed(first))
    const sum = first.points.reduce((all, { total }) => all + (total.personMinutes ?? 0), 0)
    expect(sum).toBeCloseTo(first.total.personMinutes, 9)
    // Clocks here and in Redis are the same; both round to a millisecond.
    const bound = (length: (stay: Stay) => number) =>
      stays.reduce((all, stay) => all + Math.max(0, length(stay)), 0) / minute
    const least = bound(({ from: [, begin], to: end }) => end![0] - begin - 2)
    const most = bound(({ from: [begin], to: end }) => end![1] - begin + 2)
    console.info(`history: ${first.total.personMinutes} person-minutes, by the model ${least} to ${most}`)
    expect(first.total.personMinutes).toBeGreaterThanOrEqual(least)
    expect(first.total.personMinutes).toBeLessThanOrEqual(most)
    // The peak is exact: between two changes all replicas agreed on the count.
    expect(first.total.peak).toBe(peakOf(stays))
    expect(first.wholeFrom).toBeGreaterThanOrEqual(stays[0]!.from[0] - 2)
    expect(first.wholeFrom).toBeLessThanOrEqual(stays[0]!.from[1] + 2)
  }, 120_000)
})

/** The maximum count. Changes were made one after another. */
function peakOf(stays: readonly Stay[]): number {
  const steps = stays.flatMap(({ from: [, at], to: end }) => [
    [at, 1],
    [end![1], -1],
  ])
  let [size, peak] = [0, 0]
  for (const [, step] of steps.sort(([a], [b]) => a! - b!)) {
    size += step!
    peak = Math.max(peak, size)
  }
  return peak
}
