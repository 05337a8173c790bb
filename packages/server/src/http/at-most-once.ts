import type { Clock } from '@headcount/core'

/**
 * Caches a value for `ms`: later calls within that time get the same one. Failures are not cached.
 * @returns a function that resolves to the value.
 */
export function atMostOnceIn<T>(ms: number, clock: Clock, make: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined
  let madeAt = Number.NEGATIVE_INFINITY
  return () => {
    if (value !== undefined && clock.now() - madeAt < ms) return value
    madeAt = clock.now()
    const made = make()
    value = made
    made.catch(() => {
      if (value === made) value = undefined
    })
    return made
  }
}
