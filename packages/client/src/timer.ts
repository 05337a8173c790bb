/** Schedules one callback at a time. Called with another one, or with none, it cancels the pending one. */
export type Timer = (then?: () => void, ms?: number) => void

export function createTimer(): Timer {
  let timer: ReturnType<typeof setTimeout> | undefined
  return (then, ms) => {
    clearTimeout(timer)
    if (then) timer = setTimeout(then, ms)
  }
}
