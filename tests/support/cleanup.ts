import { afterEach } from 'vitest'

/** Returns a function that registers cleanups of the current test. They run after it, the last one first. */
export function cleanups(): (cleanup: () => unknown) => void {
  const pending: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of pending.splice(0).reverse()) await cleanup()
  })
  return (cleanup) => void pending.push(cleanup)
}
