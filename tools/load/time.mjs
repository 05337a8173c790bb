/** Milliseconds of the machine's monotonic clock: the same in every thread and process of the machine. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** @param {number} ms */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
