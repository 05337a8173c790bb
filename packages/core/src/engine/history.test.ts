import { describe, expect, test } from 'vitest'
import { FakeClock } from '../runtime/fake-clock.js'
import { minute } from './history.js'
import { type HistoryPoint, historyReport, oldestMinute } from './history-report.js'
import { HistoryStore } from './history-store.js'
import { MemoryCluster } from './memory-engine.js'

const hour = 60 * minute
const day = 24 * hour
/** A whole hour, so that minutes of the tests are easy to read. */
const start = 480_000 * hour

const figures = ({ known, groups, total }: HistoryPoint) => ({
  known,
  integrals: [...groups, total].map(({ integral }) => integral),
  peaks: [...groups, total].map(({ peak }) => peak),
})

describe('the report of a topic', () => {
  const store = new HistoryStore(10)
  store.record('t', [0, 0], [1, 2], start + 30_000)
  store.record('t', [1, 2], [0, 5], start + 40_000)
  store.record('t', [0, 5], [0, 0], start + 3 * minute)
  const report = (from: number, to: number, step = minute, now = to) =>
    historyReport(store.read('t', start + now), { from: start + from, to: start + to, step }, 2)

  test('has integrals and peaks with their times, also for minutes without a change', () => {
    const { points, wholeFrom } = report(0, 4 * minute)
    expect(wholeFrom).toBe(start + 30_000)
    expect(points.map(figures)).toEqual([
      { known: 30_000, integrals: [10_000, 120_000, 130_000], peaks: [1, 5, 5] },
      { known: 60_000, integrals: [0, 300_000, 300_000], peaks: [0, 5, 5] },
      { known: 60_000, integrals: [0, 300_000, 300_000], peaks: [0, 5, 5] },
      { known: 60_000, integrals: [0, 0, 0], peaks: [0, 0, 0] },
    ])
    expect(points[0]!.groups.map(({ peakAt }) => peakAt! - start)).toEqual([30_000, 40_000])
    expect(points[1]!.total.peakAt! - start).toBe(minute)
  })

  test('summarizes the whole range, with the first of equal peaks', () => {
    const { all } = report(0, 5 * minute, 2 * minute)
    expect(figures(all)).toEqual({ known: 270_000, integrals: [10_000, 720_000, 730_000], peaks: [1, 5, 5] })
    expect(all.total.peakAt! - start).toBe(40_000)
  })

  test('combines minutes into steps, of which the last may be shorter', () => {
    const { points } = report(0, 5 * minute, 2 * minute)
    expect(points.map(({ at }) => at - start)).toEqual([0, 2 * minute, 4 * minute])
    expect(points.map(({ known }) => known)).toEqual([90_000, 120_000, 60_000])
    expect(points.map(({ total }) => total.integral)).toEqual([430_000, 300_000, 0])
  })

  test('has gaps, not zeros, before the first change and after now', () => {
    const { points } = report(-minute, 6 * minute, minute, 4 * minute + 1)
    const unknown = { known: 0, integrals: [0, 0, 0], peaks: [null, null, null] }
    expect(figures(points[0]!)).toEqual(unknown)
    expect(figures(points[6]!)).toEqual(unknown)
    expect(points[5]!.known).toBe(1)
  })

  test('is empty for a topic that was not recorded', () => {
    const { wholeFrom, points } = historyReport(
      store.read('u', start),
      { from: start, to: start + hour, step: hour },
      2,
    )
    expect(wholeFrom).toBeNull()
    expect(points.map(({ known }) => known)).toEqual([0])
  })

  test('covers the last day', () => {
    const now = day + 2 * minute + 1
    const { points, wholeFrom } = report(0, now + minute - 1, minute, now)
    expect(points.findIndex(({ known }) => known > 0)).toBe(2)
    expect(wholeFrom).toBe(start + 2 * minute)
    expect(oldestMinute(start + now)).toBe(start + 2 * minute)
    expect(points[2]!.total.integral).toBe(300_000)
  })
})

describe('the histories in memory', () => {
  const has = (store: HistoryStore, topic: string) => store.read(topic, start).state !== undefined

  test('are limited in number: beyond the limit, the topic that changed least recently is deleted', () => {
    const store = new HistoryStore(2)
    for (const [i, topic] of ['a', 'b', 'a', 'c'].entries()) {
      store.record(topic, has(store, topic) ? [1] : [0], [1 + i], start + i * minute)
    }
    expect(['a', 'b', 'c'].filter((topic) => has(store, topic))).toEqual(['a', 'c'])
    store.record('b', [2], [3], start + 4 * minute)
    expect(store.read('b', start + 5 * minute).state?.since).toBe(start + 4 * minute)
  })

  test('have one entry for each minute with a change, for at most a day', () => {
    const store = new HistoryStore(2)
    for (let i = 0; i < 3 * 1_440; i++) store.record('t', [i], [i + 1], start + i * minute)
    expect(store.read('t', start + 3 * day).minutes.length).toBe(1_441)
  })

  test('delete an empty topic after a day, and only the minutes of another one', () => {
    const store = new HistoryStore(10)
    store.record('empty', [1], [0], start)
    store.record('full', [0], [7], start)
    store.record('t', [0], [1], start + day + 2 * minute)
    expect(has(store, 'empty')).toBe(false)
    const now = start + day + 3 * minute
    const { minutes, state } = store.read('full', now)
    expect([minutes.length, state?.since]).toEqual([0, start])
    const { all, wholeFrom } = historyReport({ now, state, minutes }, { from: now - hour, to: now, step: hour }, 1)
    expect([all.total.integral, wholeFrom]).toEqual([7 * hour, oldestMinute(now)])
  })
})

describe('a memory cluster', () => {
  const open = async () => {
    const clock = new FakeClock(start)
    const cluster = new MemoryCluster(clock)
    const history = { records: (topic: string) => topic !== 'other', topics: 10 }
    const engines = [cluster.engine(), cluster.engine()] as const
    for (const [i, engine] of engines.entries()) {
      await engine.open(`r${i}`, { groups: 2, lease: 1_000, changed() {}, history })
    }
    const commit = (i: 0 | 1, topic: string, ...counts: number[]) =>
      engines[i].commit([{ topic, counts, people: [], interval: 50 }])
    return { clock, cluster, engine: engines[0], commit }
  }
  const report = async ({ clock, engine }: Awaited<ReturnType<typeof open>>, topic: string) =>
    historyReport(await engine.history!.read(topic), { from: start, to: clock.now(), step: hour }, 2)

  test('records the totals of all replicas, until the rows of one are removed', async () => {
    const all = await open()
    const { clock, cluster, commit } = all
    await commit(0, 't', 1, 0)
    await commit(1, 't', 2, 3)
    clock.jump(10_000)
    cluster.expire('r1')
    clock.jump(50_000)
    expect((await report(all, 't')).all.groups.map(({ integral }) => integral)).toEqual([80_000, 30_000])
  })

  test('records only the topics that the options name', async () => {
    const all = await open()
    await all.commit(0, 'other', 1, 0)
    expect((await report(all, 'other')).wholeFrom).toBeNull()
  })

  test('reads nothing before it is open', async () => {
    await expect(new MemoryCluster().engine().history!.read('t')).rejects.toMatchObject({ code: 'closed' })
  })
})
