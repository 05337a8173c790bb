/** Milliseconds of the machine's own clock: the same for every process of it, and never set back. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** @param {number} ms */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
