import { it } from 'vitest'

/** Registers a check only where it can be made: a check of a fault that cannot befall a cluster is not one left out. */
export function when(possible: boolean): (name: string, check: () => Promise<void>, timeout?: number) => void {
  return (name, check, timeout) => {
    if (possible) it(name, check, timeout)
  }
}
