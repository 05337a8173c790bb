/**
 * Decides which tab of the browser counts: the one with the lock. Requests the lock, or releases it, so that another
 * tab that requested it gets it. Returns whether this tab has it.
 */
export type TabLock = (isNeeded: boolean) => boolean

/** @param changed called when this tab gets the lock. */
export function createTabLock(name: string, changed: () => void): TabLock {
  let isHeld = false
  /** Of the lock, or of the request for it. */
  let control: AbortController | undefined

  const request = (): void => {
    control = new AbortController()
    const { signal } = control
    const take = (): Promise<unknown> =>
      new Promise((release) => {
        signal.onabort = release
        if (signal.aborted) return
        isHeld = true
        changed()
      })
    // If there are no locks, each tab counts.
    globalThis.navigator?.locks?.request(name, { signal }, take).catch(take) ?? take()
  }
  return (isNeeded) => {
    if (!isNeeded) {
      control?.abort()
      control = undefined
      isHeld = false
    } else if (!control) request()
    return isHeld
  }
}
