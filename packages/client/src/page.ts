import { createTimer } from './timer.js'

/** Whether a person can see this application. Hand one in where there is no `document`, as in React Native. */
export interface Visibility {
  isVisible(): boolean
  /** Calls `listener` after each change. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
}

/** Which pages count: those that are open, or those that were visible a moment ago. */
export type CountRule = 'open' | 'visible'

/** The page that this runs in. In a worker and in Node.js it is open and visible. */
export interface Page {
  /** Whether it is unloaded, or in the back/forward cache. */
  isSuspended(): boolean
  counts(rule: CountRule): boolean
  start(): void
  stop(): void
}

const document = (): { readonly visibilityState?: string; readonly prerendering?: boolean } | undefined =>
  globalThis.document

const pageVisibility: Visibility = {
  isVisible: () => document()?.visibilityState !== 'hidden',
  subscribe: () => () => {}, // by the events below
}

const events = ['pagehide', 'pageshow', 'online', 'resume', 'visibilitychange', 'prerenderingchange']

/** Some of them do not bubble from the document to the window. */
const capture = { capture: true }

/**
 * @param hiddenAfter in ms, how long a hidden page goes on counting as visible.
 * @param changed called when the page may count differently, and when its network may have come back.
 */
export function createPage(
  { isVisible, subscribe }: Visibility = pageVisibility,
  hiddenAfter: number,
  changed: () => void,
): Page {
  const hide = createTimer()
  let suspended = false
  let wasSeen = false
  let stop: (() => void) | undefined

  const update = (event?: { readonly type: string }): void => {
    suspended = event?.type === 'pagehide' || (suspended && event?.type !== 'pageshow')
    if (isVisible()) {
      wasSeen = true
      hide()
    } else if (wasSeen) {
      hide(() => {
        wasSeen = false
        changed()
      }, hiddenAfter)
    }
    changed()
  }
  return {
    isSuspended: () => suspended,
    // A page that is prerendered has not been opened.
    counts: (rule) => !suspended && (rule === 'open' ? !document()?.prerendering : wasSeen),
    start() {
      if (stop) return
      wasSeen = isVisible()
      const unsubscribe = subscribe(() => update())
      for (const type of events) globalThis.addEventListener?.(type, update, capture)
      stop = () => {
        hide()
        unsubscribe()
        for (const type of events) globalThis.removeEventListener?.(type, update, capture)
      }
    },
    stop() {
      stop?.()
      stop = undefined
    },
  }
}
