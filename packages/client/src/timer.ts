/** Schedules one callback at a time. Called with another one, or with none, it cancels the pending one. */
export type Timer = (then?: () => void, ms?: number) => void

/** Maximum delay in ms, 23 days: a browser would call back at once after one that is longer than 2^31. */
const maxDelay = 2e9

export function createTimer(): Timer {
  let timer: ReturnType<typeof setTimeout> | undefined
  return (then, ms = 0) => {
    clearTimeout(timer)
    if (then) timer = setTimeout(then, Math.min(ms, maxDelay))
  }
}
