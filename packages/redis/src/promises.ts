import type { Topic } from '@headcount/core'
import type { Context } from './context.js'
import { within } from './within.js'

interface Promised {
  /** What was the topic's version when it was promised: news of it or of a newer one keeps the promise. */
  readonly version: number
  readonly at: number
  readonly interval: number
}

/** How many topics one call publishes. */
const batch = 200

/** The topics that this replica has promised to publish once their interval is over, unless another does so before. */
export class Promises {
  readonly #promised = new Map<Topic, Promised>()
  #undo: (() => void) | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(
    readonly slot: number,
    readonly context: Context,
    /** The newest version of a topic that is known to have been published. */
    readonly published: (topic: Topic) => number,
  ) {}

  add(topic: Topic, version: number, due: number, interval: number): void {
    const at = this.context.clock.now() + due + 1
    this.#promised.set(topic, { version, at, interval })
    this.#arm(at)
  }

  stop(): void {
    this.#undo?.()
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  /** Keeps every promise, waiting for its time. */
  async settle(): Promise<void> {
    this.stop()
    while (this.#promised.size > 0) {
      const last = Math.max(...[...this.#promised.values()].map(({ at }) => at))
      const wait = last - this.context.clock.now()
      if (wait > 0) await new Promise<void>((resolve) => void this.context.clock.after(wait, resolve))
      await this.#keep()
      this.stop()
    }
  }

  #arm(at: number): void {
    if (at >= this.#timerAt) return
    this.#undo?.()
    this.#timerAt = at
    this.#undo = this.context.clock.after(Math.max(0, at - this.context.clock.now()), () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      // One that fails is not tried again: whoever hears of the topic next, or asks after it, sees what moved.
      this.#keep().catch(() => {})
    })
  }

  async #keep(): Promise<void> {
    const { clock, keys, link, scripts, publish, groups, ttl, patience } = this.context
    const now = clock.now()
    const due: [Topic, Promised][] = []
    let next = Number.POSITIVE_INFINITY
    for (const [topic, promised] of this.#promised) {
      if (promised.at > now) {
        next = Math.min(next, promised.at)
        continue
      }
      this.#promised.delete(topic)
      const kept = promised.version > 0 && this.published(topic) >= promised.version
      if (!kept) due.push([topic, promised])
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
    for (let i = 0; i < due.length; i += batch) {
      const part = due.slice(i, i + batch)
      const args: (string | number)[] = [publish, groups, ttl]
      for (const [topic, { interval }] of part) args.push(keys.channel(this.slot, topic), Math.ceil(interval))
      const names = part.map(([topic]) => keys.topic(this.slot, topic))
      const waits = await within(clock, patience, scripts.publish.run(link, names, args))
      part.forEach(([topic, { interval }], j) => {
        if (Number(waits[j]) >= 0) this.add(topic, 0, Number(waits[j]), interval)
      })
    }
  }
}
