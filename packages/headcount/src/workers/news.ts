import type { Clock, Topic } from '@headcount/core'
import type { Totals } from '@headcount/protocol'

/** How long, in ms, news is gathered for a worker while it keeps coming. */
const window = 20

/** Topics and what they are now. */
export type News = readonly (readonly [Topic, Totals])[]

/**
 * Tells the newest word on each topic: at once where it is quiet, and else when the last telling has been heard and
 * `window` is over. So a worker that is busy finds no queue of old ones.
 */
export function newsFor(tell: (news: News) => Promise<unknown>, clock: Clock) {
  let totals = new Map<Topic, Totals>()
  let telling = false

  const tellAll = async (): Promise<void> => {
    while (totals.size > 0) {
      const news = [...totals]
      totals = new Map()
      const over = new Promise<void>((resolve) => void clock.after(window, resolve))
      // Nobody hears it any more: whoever is gone needs no news.
      await tell(news).catch(() => {})
      await over
    }
    telling = false
  }
  return {
    add(topic: Topic, now: Totals): void {
      if (!telling) clock.soon(() => void tellAll())
      telling = true
      totals.set(topic, now)
    },
    /** What of a topic is still to be told. */
    newest: (topic: Topic): Totals | undefined => totals.get(topic),
    /** Tells no more of a topic, until it is added again. */
    drop: (topic: Topic): void => void totals.delete(topic),
  }
}
