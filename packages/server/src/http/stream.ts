import type { Clock } from '@headcount/core'
import { encodeCounts, type Group, sameTotals, type Totals } from '@headcount/protocol'
import type { CountsSource } from './source.js'
import type { StopSignal } from './stop-signal.js'

/** A silence that proxies bear, in ms. */
const keepAlive = 15_000
/** When a reader whose stream broke comes back, in ms. */
const retry = 2_000

export interface StreamOptions {
  readonly source: CountsSource
  readonly topic: string
  readonly groups: readonly Group[]
  readonly clock: Clock
  /** Ends the stream. */
  readonly signal?: StopSignal | undefined
  /** Called when the reader begins to read. Returns what to call when the stream is over. */
  opened(): () => void
}

/**
 * The counts of a topic as Server-Sent Events: whole, first as they stand and then on every change, with a comment
 * after 15 s of silence.
 *
 * Nothing is written that the reader has not asked for, so a slow one costs one set of totals: it is told the newest
 * when it reads on. The topic is followed from the first read until the stream ends or the reader is gone.
 */
export function countsStream(options: StreamOptions): ReadableStream<Uint8Array> {
  const { source, topic, groups, clock, signal } = options
  const utf8 = new TextEncoder()
  let told: Totals | undefined
  let newest: Totals | undefined
  let wake: (() => void) | undefined
  let stop: (() => void) | undefined

  const start = (controller: ReadableStreamDefaultController) => {
    const closed = options.opened()
    const unfollow = source.follow(topic, (totals) => {
      newest = totals
      wake?.()
    })
    const end = () => {
      stop?.()
      controller.close()
      wake?.()
    }
    signal?.addEventListener('abort', end)
    stop = () => {
      stop = undefined
      signal?.removeEventListener('abort', end)
      unfollow()
      closed()
    }
  }

  /** What to say next, or undefined: nothing has changed. */
  const news = (): string | undefined => {
    if (newest === undefined || (told !== undefined && sameTotals(told, newest))) return undefined
    told = newest
    return `data: ${encodeCounts(groups, told)}\n\n`
  }

  /** Waits for a change or the end; true where there was only silence. */
  const silence = () =>
    new Promise<boolean>((resolve) => {
      const cancel = clock.after(keepAlive, () => resolve(true))
      wake = () => {
        cancel()
        resolve(false)
      }
    })

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (signal?.aborted) return controller.close()
        let text = ''
        if (stop === undefined) {
          start(controller)
          text = `retry: ${retry}\n\n`
        }
        text += news() ?? ''
        while (text === '') {
          const silent = await silence()
          if (stop === undefined) return
          text = news() ?? (silent ? ': keep-alive\n\n' : '')
        }
        controller.enqueue(utf8.encode(text))
      },
      cancel() {
        stop?.()
        wake?.()
      },
    },
    { highWaterMark: 0 },
  )
}
