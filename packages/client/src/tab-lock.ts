/** Agrees with the other tabs of the browser which one of them counts: the one that holds the lock. */
export interface TabLock {
  isHeld(): boolean
  /** Asks for the lock, or gives it up: then another tab that asked for it takes it. */
  want(wanted: boolean): void
}

/** @param changed called when the lock is taken. */
export function createTabLock(name: string, changed: () => void): TabLock {
  let isHeld = false
  /** Gives up the lock, or the wish for it. */
  let release: (() => void) | undefined

  const ask = (): void => {
    const control = new AbortController()
    const { signal } = control
    const take = (): Promise<void> => {
      isHeld = !signal.aborted
      if (isHeld) changed()
      return new Promise((resolve) => {
        signal.onabort = () => resolve()
      })
    }
    release = () => control.abort()
    const locks = globalThis.navigator?.locks
    // Where tabs cannot agree, each of them counts.
    if (locks) locks.request(name, { signal }, take).catch(take)
    else take()
  }
  return {
    isHeld: () => isHeld,
    want(wanted) {
      if (wanted === !!release) return
      release?.()
      release = undefined
      isHeld = false
      if (wanted) ask()
    },
  }
}
