import fc from 'fast-check'
import type { Fault } from './cluster.js'

export const scheduleTopics = ['t', 'u', 'v'] as const
export const scheduleReplicas = 3

/** The weight of each kind of step, without faults. */
const weights = {
  set: 6,
  'set person': 8,
  commit: 8,
  'commit all': 2,
  'commit in reverse': 2,
  'all commit': 3,
  watch: 2,
  unwatch: 1,
  settle: 1,
}
const recoveryWeights = { heal: 3, 'expire leases': 1, close: 1 }

/** One step of a schedule. Each kind uses some of the fields. */
export interface Step {
  readonly kind: keyof typeof weights | keyof typeof recoveryWeights | Fault
  /** Index of a member. */
  readonly on: number
  readonly topic: string
  readonly counts: readonly [number, number]
  readonly person: string
  readonly group: number | null
}

/** Generates random schedules with these faults. */
export function schedule(faults: readonly Fault[], maxLength: number): fc.Arbitrary<Step[]> {
  const faultWeights = Object.fromEntries(faults.map((fault) => [fault, 1]))
  const all = { ...weights, ...(faults.length > 0 ? recoveryWeights : {}), ...faultWeights }
  const kinds = Object.entries(all).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Step['kind']) }))
  const step = fc.record({
    kind: fc.oneof(...kinds),
    on: fc.nat(scheduleReplicas - 1),
    topic: fc.constantFrom(...scheduleTopics),
    counts: fc.tuple(fc.nat(5), fc.nat(5)),
    person: fc.constantFrom('ann', 'bob', 'cid', 'dan'),
    group: fc.option(fc.nat(1)),
  })
  return fc.array(step, { minLength: 5, maxLength })
}
