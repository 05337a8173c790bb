/** Milliseconds of the machine's monotonic clock: the same in every thread and process of the machine. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** @param {number} ms */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Real time for a crowd. Its timers keep the process alive. @type {import('./crowd-member.mjs').Clock} */
export const systemClock = {
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
