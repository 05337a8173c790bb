/** Agrees with the other tabs of the browser which one of them counts: the one that holds the lock. */
export interface TabLock {
  isHeld(): boolean
  /** Requests the lock, or releases it: then another tab that requested it takes it. */
  setNeeded(isNeeded: boolean): void
}

/** @param changed called when the lock is taken. */
export function createTabLock(name: string, changed: () => void): TabLock {
  let isHeld = false
  /** Releases the lock, or ends the request for it. */
  let release: (() => void) | undefined

  const request = (): void => {
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
    setNeeded(isNeeded) {
      if (isNeeded === !!release) return
      release?.()
      release = undefined
      isHeld = false
      if (isNeeded) request()
    },
  }
}
