import { it } from 'vitest'

/**
 * Registers a check only where it applies: a fault that a cluster cannot have is not a skipped test, which `npm test`
 * counts as a failure on CI.
 */
export function itIf(applies: boolean): (name: string, check: () => Promise<void>, timeout?: number) => void {
  return (name, check, timeout) => {
    if (applies) it(name, check, timeout)
  }
}
