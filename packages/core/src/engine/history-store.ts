import { sumOf, type Totals } from '@headcount/protocol'
import type { Topic } from './engine.js'
import { type HistoryMinute, type HistoryState, minute, minutesKept, recordChange } from './history.js'
import type { TopicHistory } from './history-report.js'

interface TopicRecord {
  state: HistoryState
  /** Oldest first. */
  readonly minutes: HistoryMinute[]
}

/** The histories of topics, in memory. */
export class HistoryStore {
  /** By their newest minutes, oldest first. */
  readonly #topics = new Map<Topic, TopicRecord>()

  /** @param maxTopics beyond it, the topic that changed least recently is deleted. */
  constructor(private readonly maxTopics: number) {}

  /** Records that a topic's totals changed. @param now ms since 1970. */
  record(topic: Topic, before: Totals, after: Totals, now: number): void {
    const record = this.#topics.get(topic)
    const newest = record?.minutes.at(-1)
    const find = (number: number) => (newest?.[0] === number ? newest : undefined)
    const { state, minute: entry } = recordChange(record?.state, find, { before, after, now })
    if (record !== undefined) record.state = state
    if (entry === newest) return
    const minutes = record?.minutes ?? []
    minutes.push(entry)
    while (minutes[0]![0]! <= entry[0]! - minutesKept) minutes.shift()
    this.#topics.delete(topic)
    this.#topics.set(topic, record ?? { state, minutes })
    this.#evict(now)
  }

  /** @param now ms since 1970. */
  read(topic: Topic, now: number): TopicHistory {
    const record = this.#topics.get(topic)
    if (record === undefined) return { now, state: undefined, minutes: [] }
    return { now, state: { ...record.state, seen: now }, minutes: record.minutes.map((entry) => [...entry]) }
  }

  /** Deletes a topic beyond the limit, empty topics without a change for a day, and minutes older than a day. */
  #evict(now: number): void {
    for (const [topic, { state }] of this.#topics) {
      const isOld = state.seen < now - minutesKept * minute
      if (!isOld && this.#topics.size <= this.maxTopics) return
      this.#topics.delete(topic)
      if (isOld && sumOf(state.totals) > 0) this.#topics.set(topic, { state: { ...state, seen: now }, minutes: [] })
    }
  }
}
