import { createTimer } from './timer.js'

/** The visibility of the application. Pass one if there is no `document`, as in React Native. */
export interface Visibility {
  isVisible(): boolean
  /** Calls `listener` after each change. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
}

/** Which pages count: open ones, or those that were visible a moment ago. */
export type CountRule = 'open' | 'visible'

/** The page that this runs in. In a worker and in Node.js it is open and visible. */
export interface Page {
  /** Whether it is open; by the rule `visible`, also whether it was visible a moment ago. */
  counts(rule?: CountRule): boolean
  start(): void
  stop(): void
}

/** There is none in a worker, in Node.js and in React Native. */
const page = globalThis as { readonly document?: { readonly visibilityState: string; readonly prerendering?: boolean } }

const events = ['online', 'visibilitychange', 'pagehide', 'pageshow', 'prerenderingchange', 'resume']

export interface PageOptions {
  /** The visibility of the application. Default: that of the page. */
  readonly visibility?: Visibility | undefined
  /** Delay in ms after which a hidden page no longer counts as visible. Default: 10,000. */
  readonly hiddenAfter?: number | undefined
}

/** @param changed called when the page may count differently, and when its network may have come back. */
export function createPage({ visibility, hiddenAfter = 10_000 }: PageOptions, changed: () => void): Page {
  const hide = createTimer()
  let isOpen = false
  let wasSeen = false
  let listening: AbortController | undefined

  const isVisible = (): boolean => visibility?.isVisible() ?? page.document?.visibilityState !== 'hidden'

  const expire = (): void => {
    wasSeen = false
    changed()
  }
  const update = (event?: { readonly type: string }): void => {
    if (/page/.test(event?.type as string)) isOpen = event!.type === 'pageshow'
    wasSeen ||= isVisible()
    hide(isVisible() ? undefined : expire, hiddenAfter)
    changed()
  }
  return {
    // A prerendered page is not open.
    counts: (rule) => isOpen && !page.document?.prerendering && (rule !== 'visible' || wasSeen),
    start() {
      if (listening) return
      isOpen = true
      listening = new AbortController()
      const { signal } = listening
      signal.onabort = visibility?.subscribe(update) ?? null
      // Some of the events do not bubble from the document to the window.
      for (const type of events) globalThis.addEventListener?.(type, update, { capture: true, signal })
      update()
    },
    stop() {
      isOpen = wasSeen = false
      hide()
      listening?.abort()
      listening = undefined
    },
  }
}
