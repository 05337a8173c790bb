import { afterEach } from 'vitest'

/**
 * Returns a function that registers cleanups of the current test. They run after it, the last one first.
 * @param hook `afterAll` for concurrent tests: `afterEach` would run the cleanups of tests that still run.
 */
export function cleanups(hook: (run: () => Promise<void>) => unknown = afterEach): (cleanup: () => unknown) => void {
  const pending: (() => unknown)[] = []
  hook(async () => {
    for (const cleanup of pending.splice(0).reverse()) await cleanup()
  })
  return (cleanup) => void pending.push(cleanup)
}
