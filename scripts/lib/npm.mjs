/**
 * Calls `end` once when the npm that started this program is gone: it passes a SIGTERM to its shell alone, which dies of it and passes
 * nothing on.
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
