import fc from 'fast-check'
import type { Fault } from './cluster.js'

/** The topics of every schedule. */
export const topics = ['t', 'u', 'v'] as const
/** How many replicas take part. */
export const size = 3

/** One act of a schedule. `on` picks a member, by its place among those that are there. */
export type Act =
  | {
      readonly act: 'hold'
      readonly on: number
      readonly topic: number
      readonly counts: readonly [number, number]
    }
  | {
      readonly act: 'place'
      readonly on: number
      readonly topic: number
      readonly key: number
      readonly stand: number
    }
  | { readonly act: 'commit' | 'repeat' | 'reorder' | 'storm' | 'unwatch' | 'watch'; readonly on: number }
  | { readonly act: Fault | 'return' | 'close' | 'lapse' | 'settle'; readonly on: number }

const on = fc.nat({ max: size - 1 })
const topic = fc.nat({ max: topics.length - 1 })
const simply = (act: Exclude<Act['act'], 'hold' | 'place'>) => fc.record({ act: fc.constant(act), on })
const holdArb = fc.record({
  act: fc.constant('hold' as const),
  on,
  topic,
  counts: fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })),
})
const placeArb = fc.record({
  act: fc.constant('place' as const),
  on,
  topic,
  key: fc.nat({ max: 3 }),
  stand: fc.nat({ max: 4 }),
})
const calm = [
  { weight: 6, arbitrary: holdArb },
  { weight: 8, arbitrary: placeArb },
  { weight: 8, arbitrary: simply('commit') },
  { weight: 2, arbitrary: simply('repeat') },
  { weight: 2, arbitrary: simply('reorder') },
  { weight: 3, arbitrary: simply('storm') },
  { weight: 1, arbitrary: simply('unwatch') },
  { weight: 2, arbitrary: simply('watch') },
  { weight: 1, arbitrary: simply('settle') },
]

/** Random acts, with these faults among them. */
export function schedule(faults: readonly Fault[], length: number): fc.Arbitrary<Act[]> {
  const wild =
    faults.length === 0
      ? []
      : [
          ...faults.map((fault) => ({ weight: 1, arbitrary: simply(fault) })),
          { weight: 3, arbitrary: simply('return') },
          { weight: 1, arbitrary: simply('lapse') },
          { weight: 1, arbitrary: simply('close') },
        ]
  return fc.array(fc.oneof(...calm, ...wild) as fc.Arbitrary<Act>, { minLength: 5, maxLength: length })
}
