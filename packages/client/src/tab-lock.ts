/**
 * Agrees with the other tabs of the browser which one of them counts: the one that holds the lock. Requests the lock,
 * or releases it: then another tab that requested it takes it. Returns whether it is held.
 */
export type TabLock = (isNeeded: boolean) => boolean

/** @param changed called when the lock is taken. */
export function createTabLock(name: string, changed: () => void): TabLock {
  let isHeld = false
  /** Of the lock, or of the request for it. */
  let control: AbortController | undefined

  const request = ({ signal }: AbortController): void => {
    const take = (): Promise<void> =>
      new Promise((release) => {
        signal.onabort = () => release()
        if (signal.aborted) return
        isHeld = true
        changed()
      })
    const locks = globalThis.navigator?.locks
    // Where tabs cannot agree, each of them counts.
    if (locks) locks.request(name, { signal }, take).catch(take)
    else take()
  }
  return (isNeeded) => {
    if (isNeeded !== !!control) {
      control?.abort()
      control = isNeeded ? new AbortController() : undefined
      isHeld = false
      if (control) request(control)
    }
    return isHeld
  }
}
