import { isZero, type Totals, zeroTotals } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import type { FlushSchedulerOptions } from './flush-scheduler.js'
import { Update } from './update.js'
import type { WatchedTopics } from './watched-topics.js'

type ReadOptions = Pick<FlushSchedulerOptions, 'engine' | 'groups' | 'display'>

/**
 * The counts of topics, for readers without a subscription: those last sent to subscribers here, or without any, the
 * totals of the cluster as the topic shows them.
 *
 * A topic with a settle time or a shield stays watched for a while after each read, so that a reader sees no decrease
 * that is made good, and no change before a tick, however often it reads. An empty topic does not, so invented names
 * cost nothing.
 */
export class ReadTopics {
  constructor(
    private readonly options: ReadOptions,
    private readonly watched: WatchedTopics,
  ) {}

  /** @throws the engine's error if the engine is unreachable. */
  async read(topics: readonly Topic[]): Promise<Update[]> {
    const { engine, groups } = this.options
    const sent = topics.map((topic) => this.#lastSent(topic))
    const others = topics.filter((_, i) => sent[i] === undefined)
    const totals = others.length === 0 ? [] : await engine.read(others)
    let next = 0
    return sent.map((update, i) => update ?? this.#show(topics[i]!, totals[next++] ?? zeroTotals(groups.length)))
  }

  #lastSent(topic: Topic): Update | undefined {
    const watched = this.watched.get(topic)
    return watched?.subscribers.length === 0 ? undefined : watched?.update
  }

  #show(topic: Topic, totals: Totals): Update {
    const { groups, display } = this.options
    const { settle, shield } = display(topic)
    const known = this.watched.get(topic)
    if (known?.isKnown && !this.watched.isOnlyRead(topic)) return known.update!
    const showsAll = settle === 0 && shield === 0
    // There are no ticks before the start and after the stop.
    if (showsAll || this.watched.state !== 'running' || (known === undefined && isZero(totals))) {
      const shown = shield === 0 ? totals : totals.map((count) => count - (count % shield))
      return new Update(groups, topic, shown, shown, shield)
    }
    return this.watched.keepForReader(topic, totals).update!
  }
}
