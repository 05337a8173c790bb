/** Time, passed in. `now` is monotonic, in ms. */
export interface Clock {
  now(): number
  /** Calls `act` once, after `ms`. Returns the undo. */
  after(ms: number, act: () => void): () => void
  /** Calls `act` once, at the end of this turn of the event loop. */
  soon(act: () => void): void
}

/** The machine's own time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (act) => void setImmediate(act),
}
