import type { Environment } from './environment.js'

/** The message is the reason for the stop. */
export class StopRequested extends Error {}

export class StopRequests {
  readonly first: Promise<string>
  /** Rejects with `StopRequested` at the first one. */
  readonly stopped: Promise<never>
  areMade = false
  #next = (): void => {}

  constructor(onStop: Environment['onStop']) {
    this.first = new Promise((resolve) => {
      onStop((reason) => {
        if (this.areMade) this.#next()
        else resolve(reason)
        this.areMade = true
      })
    })
    this.stopped = this.first.then((reason) => {
      throw new StopRequested(reason)
    })
    this.stopped.catch(() => {})
  }

  /** Calls `listener` at each request after the first. */
  onNext(listener: () => void): void {
    this.#next = listener
  }
}

/**
 * Calls `reload` at each request to reload the settings, one at a time and not before `started`. One call handles all
 * waiting requests.
 */
export function answerReloads<T>(
  onReload: Environment['onReload'],
  started: Promise<T>,
  reload: (running: T) => Promise<void>,
): void {
  let last: Promise<T> = started
  let isWaiting = false
  onReload(() => {
    if (isWaiting) return
    isWaiting = true
    last = last.then(async (running) => {
      isWaiting = false
      await reload(running)
      return running
    })
    last.catch(() => {})
  })
}
