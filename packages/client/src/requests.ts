import { createTimer, type Timer } from './timer.js'

/**
 * Called when a request has ended, with the status of its reply, and why it was refused or what it asked for; `timeout`
 * without a reply.
 */
export type Done = (status: string, detail?: string | null) => void

/** A timer that fires so many ms late was frozen with its page. */
const late = 2_000

/** The requests that wait for a reply. Each ends once: with its reply, or after `timeout` ms. */
export function createRequests(timeout: number) {
  const waiting = new Map<unknown, readonly [timer: Timer, done: Done | undefined]>()
  let last = 0

  /** Forgets a request, which then never ends. */
  const forget = (ref: unknown): Done | undefined => {
    const [timer, done] = waiting.get(ref) ?? []
    waiting.delete(ref)
    timer?.()
    return done
  }
  const end = (ref: unknown, ...how: Parameters<Done>): void => forget(ref)?.(...how)
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
      waiting.set(ref, [timer, done])
      return ref
    },
    end,
    forget,
    /** Forgets all requests: their connection is lost. */
    clear(): void {
      for (const ref of waiting.keys()) forget(ref)
    },
  }
}
