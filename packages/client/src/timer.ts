/** Schedules one callback at a time. Called with another one, or with none, it cancels the pending one. */
export type Timer = (then?: () => void, ms?: number) => void

/** Longest delay in ms: after a longer one a browser would call back at once. */
const maxDelay = 2 ** 31 - 1

export function createTimer(): Timer {
  let timer: ReturnType<typeof setTimeout> | undefined
  return (then, ms = 0) => {
    clearTimeout(timer)
    if (then) timer = setTimeout(then, Math.min(ms, maxDelay))
  }
}
