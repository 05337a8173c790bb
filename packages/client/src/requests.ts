import { createTimer, type Timer } from './timer.js'

/** Called when a request has ended, with the status of its reply and why it was refused; `timeout` without a reply. */
export type Done = (status: string, reason?: string) => void

/** A timer that fires so many ms late was frozen with its page. */
const late = 2_000

/** The requests that wait for a reply. Each ends once: with its reply, or after `timeout` ms. */
export function createRequests(timeout: number) {
  const waiting = new Map<unknown, readonly [done: Done | undefined, timer: Timer]>()
  let last = 0

  const end = (ref: unknown, status: string, reason?: string): void => {
    const [done, timer] = waiting.get(ref) ?? []
    waiting.delete(ref)
    timer?.()
    done?.(status, reason)
  }
  return {
    /** Adds a request. @returns its ref, which no earlier one had. */
    add(done?: Done): string {
      const ref = `${++last}`
      const timer = createTimer()
      const wait = (ms: number): void => {
        const due = Date.now() + ms
        // In a page that was frozen the timer is late, and the reply may be about to arrive.
        timer(() => (Date.now() > due + late ? wait(late) : end(ref, 'timeout')), ms)
      }
      wait(timeout)
      waiting.set(ref, [done, timer])
      return ref
    },
    end,
    /** Forgets all requests: their connection is lost. */
    clear(): void {
      for (const [, timer] of waiting.values()) timer()
      waiting.clear()
    },
  }
}
