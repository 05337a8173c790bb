import { onTestFinished, vi } from 'vitest'

/** Replaces the Web Locks of one browser, which Node.js 20 does not have: each lock has one holder at a time. */
export function stubLocks(): void {
  const locks = new Map<string, Promise<unknown>>()
  const request = (name: string, { signal }: { signal: AbortSignal }, take: () => Promise<void>): Promise<unknown> => {
    const taken = (locks.get(name) ?? Promise.resolve()).then(() => {
      if (signal.aborted) throw signal.reason
      return take()
    })
    locks.set(
      name,
      taken.catch(() => {}),
    )
    return taken
  }
  vi.stubGlobal('navigator', { locks: { request } })
  onTestFinished(() => void vi.unstubAllGlobals())
}
