import { type Engine, historyReport, MemoryCluster } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { expect, test } from 'vitest'
import { random } from '../random.js'

const minute = 60_000
const start = 480_000 * 60 * minute
const names = ['r0', 'r1', 'r2']

interface Presences {
  counts: [number, number]
  readonly people: Map<string, number>
}

/** The totals of all replicas, by the rule of `Engine`. */
function totalsOf(replicas: readonly Presences[]): number[] {
  const totals = [0, 0]
  const lowest = new Map<string, number>()
  for (const { counts, people } of replicas) {
    counts.forEach((count, g) => {
      totals[g]! += count
    })
    for (const [key, group] of people) lowest.set(key, Math.min(group, lowest.get(key) ?? group))
  }
  for (const group of lowest.values()) totals[group]! += 1
  return totals
}

/** The plain model: every value of the totals, with the time at which it began. */
type Timeline = readonly { readonly at: number; readonly totals: readonly number[] }[]

function modelOf(timeline: Timeline, from: number, to: number) {
  const integrals = [0, 0]
  let known = 0
  let peak: { count: number; at: number } | undefined
  for (const [i, { at, totals }] of timeline.entries()) {
    const end = timeline[i + 1]?.at ?? Number.POSITIVE_INFINITY
    const length = Math.max(0, Math.min(end, to) - Math.max(at, from))
    known += length
    totals.forEach((count, g) => {
      integrals[g]! += count * length
    })
    const count = totals[0]! + totals[1]!
    const isIn = length > 0 || (at >= from && at < to)
    if (isIn && count > (peak?.count ?? -1)) peak = { count, at: Math.max(at, from) }
  }
  return { known, integrals, peak: peak?.count ?? null, peakAt: peak?.at ?? null }
}

test.each(Array.from({ length: 100 }, (_, seed) => seed))(
  'in a random schedule of three replicas, integrals are those of the plain model to the millisecond (seed %i)',
  async (seed) => {
    const rng = random(seed)
    const clock = new FakeClock(start + rng.below(minute))
    const cluster = new MemoryCluster(clock)
    const engines = new Map<string, Engine>()
    const open = async (name: string) => {
      const engine = cluster.engine()
      await engine.open(name, {
        ...{ groups: 2, lease: 1_000, changed() {} },
        history: { records: () => true, topics: 5 },
      })
      engines.set(name, engine)
    }
    const presences = new Map(names.map((name): [string, Presences] => [name, { counts: [0, 0], people: new Map() }]))
    const timeline: { at: number; totals: number[] }[] = []
    for (const name of names) await open(name)

    for (let step = 0; step < 80; step++) {
      const name = rng.of(names)
      const own = presences.get(name)!
      if (rng.chance(0.1)) {
        // Its lease expires. Its next commit would be lost, so it opens its engine again.
        cluster.expire(name)
        presences.set(name, { counts: [0, 0], people: new Map() })
        await open(name)
      } else {
        own.counts = [rng.below(4), rng.below(200)]
        const [key, group] = [rng.of(['ann', 'bob', 'cid']), rng.below(3)]
        if (group === 2) own.people.delete(key)
        else own.people.set(key, group)
        const people = [{ key, group: group === 2 ? null : group }]
        await engines.get(name)!.commit([{ topic: 't', counts: own.counts, people, interval: 50 }])
      }
      const totals = totalsOf([...presences.values()])
      const before = timeline.at(-1)?.totals ?? [0, 0]
      if (String(totals) !== String(before)) timeline.push({ at: clock.now(), totals })
      clock.jump(rng.of([0, 1, rng.below(1_000), rng.below(20_000), rng.below(5 * minute)]))
    }

    // A change in this millisecond has lasted for 0 ms.
    clock.jump(1)
    const now = clock.now()
    const step = rng.of([1, 2, 5, 7]) * minute
    const from = start + rng.below(10) * minute
    const steps = Math.ceil((now - from) / step)
    const history = await engines.get('r0')!.history!.read('t')
    const report = historyReport(history, { from, to: from + steps * step, step }, 2)
    expect(report.wholeFrom).toBe(timeline[0]!.at)
    const figures = ({ known, groups, total }: (typeof report.points)[number]) => {
      return { known, integrals: groups.map(({ integral }) => integral), peak: total.peak, peakAt: total.peakAt }
    }
    for (const [i, point] of report.points.entries()) {
      const end = Math.min(from + (i + 1) * step, now)
      expect(figures(point)).toEqual(modelOf(timeline, from + i * step, end))
    }
    expect(figures(report.all)).toEqual(modelOf(timeline, from, now))
  },
)
