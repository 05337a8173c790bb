/**
 * Calls `end` once when the npm that runs this program exits. On SIGTERM npm signals only its shell, which does not
 * forward the signal.
 *
 * @param {() => void} end
 */
export function whenNpmEnds(end) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    end()
  }, 500).unref()
}
