import type { Clock } from '@headcount/core'

/** Caches a value, or a failure, for `ms`: later calls within that time get the same one. */
export function atMostOnceIn<T>(ms: number, clock: Clock, make: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined
  let madeAt = Number.NEGATIVE_INFINITY
  return () => {
    if (value === undefined || clock.now() - madeAt >= ms) {
      madeAt = clock.now()
      value = make()
    }
    return value
  }
}
