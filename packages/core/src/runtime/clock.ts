/** Time, passed in so that tests can control it. `now` is monotonic, in ms. */
export interface Clock {
  now(): number
  /** The time since 1970, in ms, at which `now` was 0. It changes when the machine sleeps, or its clock is set. */
  readonly origin: number
  /** Runs `callback` once, after `ms`. Returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void
  /** Runs `callback` once, at the end of this turn of the event loop. */
  soon(callback: () => void): void
}

/** Longest delay, in ms, that a timer of Node can have: it would call back at once after a longer one. */
export const maxDelay = 2 ** 31 - 1

/** The time of this machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  // Not `performance.timeOrigin`, which is the time at the start, by the clock as it was then.
  get origin() {
    return Date.now() - performance.now()
  },
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, maxDelay))
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (callback) => void setImmediate(callback),
}
