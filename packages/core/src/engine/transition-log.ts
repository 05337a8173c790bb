import { sumOf, type Totals } from '@headcount/protocol'
import type { Clock } from '../runtime/clock.js'
import type { Topic } from './engine.js'
import { type Level, type LevelState, noLevels, passLevels } from './levels.js'
import {
  type Delivery,
  maxDelivery,
  maxWaiting,
  type TopicAbove,
  type Transition,
  type Transitions,
} from './transitions.js'

interface Watched {
  readonly levels: readonly Level[]
  state: LevelState
  totals: Totals
  /** Ends the wait for the next level that is due. */
  cancel(): void
}

interface Receiver {
  /** The version of the newest transition that was acknowledged. */
  acknowledged: number
  /** Delivered, but not yet acknowledged. */
  given: Delivery | undefined
  needsSync: boolean
}

/** The number of topics in one part of `topicsAbove`. */
const partSize = 500

/** The transitions of a cluster in the memory of this process. */
export class TransitionLog implements Transitions {
  /** Topics that are above a level. */
  readonly #topics = new Map<Topic, Watched>()
  readonly #waiting: Transition[] = []
  readonly #receivers = new Map<string, Receiver>()
  #version = 0
  /** The version of the newest transition that was dropped. */
  #dropped = 0

  /** @param levels of a topic. */
  constructor(
    private readonly levels: (topic: Topic) => readonly Level[],
    private readonly clock: Clock,
  ) {}

  changed(topic: Topic, totals: Totals): void {
    const known = this.#topics.get(topic)
    const levels = known?.levels ?? this.levels(topic)
    if (levels.length === 0) return
    const watched = known ?? { levels, state: noLevels, totals, cancel: () => {} }
    watched.totals = totals
    this.#pass(topic, watched)
  }

  async lead(): Promise<boolean> {
    return true
  }

  async next(name: string): Promise<Delivery | undefined> {
    const receiver = this.#receiver(name)
    if (receiver.needsSync || receiver.acknowledged < this.#dropped) {
      if (receiver.given?.kind !== 'sync') receiver.given = { kind: 'sync', id: String(this.#version) }
      return receiver.given
    }
    if (receiver.given !== undefined) return receiver.given
    const first = this.#waiting.findIndex(({ version }) => version > receiver.acknowledged)
    if (first === -1) return undefined
    const transitions = this.#waiting.slice(first, first + maxDelivery)
    receiver.given = { kind: 'transitions', id: String(transitions.at(-1)!.version), transitions }
    return receiver.given
  }

  async acknowledge(name: string, id: string): Promise<void> {
    const receiver = this.#receiver(name)
    if (receiver.given?.id !== id) return
    receiver.given = undefined
    receiver.needsSync = false
    receiver.acknowledged = Math.max(receiver.acknowledged, Number(id))
    const oldest = Math.min(...[...this.#receivers.values()].map(({ acknowledged }) => acknowledged))
    const kept = this.#waiting.findIndex(({ version }) => version > oldest)
    this.#waiting.splice(0, kept === -1 ? this.#waiting.length : kept)
  }

  async skip(name: string): Promise<void> {
    const receiver = this.#receiver(name)
    receiver.given = undefined
    receiver.needsSync = true
  }

  async waiting(): Promise<number> {
    return this.#waiting.length
  }

  async *topicsAbove(): AsyncGenerator<readonly TopicAbove[]> {
    const version = this.#version
    let part: TopicAbove[] = []
    // A snapshot: topics that pass a level later have transitions.
    for (const [topic, { totals }] of [...this.#topics]) {
      part.push({ topic, totals, version })
      if (part.length < partSize) continue
      yield part
      part = []
    }
    if (part.length > 0) yield part
  }

  #pass(topic: Topic, watched: Watched): void {
    watched.cancel()
    const { levels, totals } = watched
    const { clock } = this
    const now = clock.now()
    const count = sumOf(totals)
    const { state, passed } = passLevels(levels, watched.state, count, now)
    watched.state = state
    for (const { level, direction } of passed) {
      this.#version = Math.max(this.#version + 1, Math.floor((clock.origin + now) * 1000))
      this.#waiting.push({ topic, level: levels[level]!, direction, totals: [...totals], version: this.#version })
    }
    while (this.#waiting.length > maxWaiting) this.#dropped = this.#waiting.shift()!.version
    if (state.above.size === 0) this.#topics.delete(topic)
    else this.#topics.set(topic, watched)
    if (state.due.size === 0) return
    const wait = Math.max(0, Math.min(...state.due.values()) - now)
    watched.cancel = clock.after(wait, () => this.#pass(topic, watched))
  }

  /** A new receiver gets a sync, then future transitions. */
  #receiver(name: string): Receiver {
    let receiver = this.#receivers.get(name)
    if (receiver === undefined) {
      receiver = { acknowledged: this.#version, given: undefined, needsSync: true }
      this.#receivers.set(name, receiver)
    }
    return receiver
  }
}
