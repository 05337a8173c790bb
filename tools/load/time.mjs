export { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds of the machine's monotonic clock: the same in every process of the machine. */
export const now = () => Number(process.hrtime.bigint()) / 1e6

/** Real time for a crowd. Its timers keep the process alive. @type {import('./crowd-member.mjs').Clock} */
export const systemClock = {
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
