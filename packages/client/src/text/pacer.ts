import { createTimer } from '../timer.js'

/** Shows texts with a pause after each, so that a screen reader can finish before the next announcement. */
export interface Pacer {
  /** Shows a text now, or after the pause. Only the last one is shown. */
  set(text: string): void
  /** Drops a pending text. */
  stop(): void
}

/** @param interval minimum time between two texts, in ms. @param show called with each text; `''` counts as shown. */
export function createPacer(interval: number, show: (text: string) => void): Pacer {
  const timer = createTimer()
  let shown = ''
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    set(text) {
      timer()
      if (text === shown) return
      timer(
        () => {
          shown = text
          shownAt = performance.now()
          show(text)
        },
        Math.max(0, shownAt + interval - performance.now()),
      )
    },
    stop: () => timer(),
  }
}
