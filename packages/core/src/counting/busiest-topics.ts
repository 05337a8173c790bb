import type { Topic } from '../engine/engine.js'
import { isInternal } from '../engine/internal-topics.js'
import type { Clock } from '../runtime/clock.js'
import { JoinRates } from './join-rates.js'
import { type Ranked, Ranking } from './ranking.js'

export interface RankedTopic extends Ranked<RankedTopic> {
  readonly topic: Topic
}

export interface BusiestQuery {
  /** `count`: by presences; `joins`: by joins per second over about the last minute. */
  readonly sort: 'count' | 'joins'
  /** Only topics that begin with it. */
  readonly prefix: string
  readonly limit: number
}

export interface Busiest {
  /** Sorted by `value`, the largest first; `joins` is a lower bound of the joins per second. */
  readonly topics: readonly { readonly topic: Topic; readonly value: number; readonly joins: number }[]
  /** An upper bound of `value` for every other topic of this replica. */
  readonly others: number
}

/** The number of topics whose joins are tracked. */
const trackedRates = 1_000
/** How many topics one query examines: those with a prefix may be rare. */
const maxVisited = 5_000

/** Finds the busiest topics of this replica without examining all of them. Internal topics are excluded. */
export class BusiestTopics {
  readonly #ranking = new Ranking<RankedTopic>()
  readonly #rates = new JoinRates(trackedRates)

  constructor(private readonly clock: Clock) {}

  grew(entry: RankedTopic): void {
    if (!isInternal(entry.topic)) this.#ranking.grow(entry)
  }

  shrank(entry: RankedTopic): void {
    this.#ranking.shrink(entry)
  }

  joined(topic: Topic, joins: number): void {
    if (joins > 0 && !isInternal(topic)) this.#rates.add(topic, joins, this.clock.now())
  }

  query(query: BusiestQuery): Busiest {
    return query.sort === 'count' ? this.#byCount(query) : this.#byJoins(query)
  }

  #byCount({ prefix, limit }: BusiestQuery): Busiest {
    const now = this.clock.now()
    const topics: { topic: Topic; value: number; joins: number }[] = []
    let visited = 0
    for (const [{ topic }, value] of this.#ranking) {
      if (topics.length === limit || visited === maxVisited) return { topics, others: value }
      visited += 1
      if (topic.startsWith(prefix)) topics.push({ topic, value, joins: this.#rates.of(topic, now) })
    }
    return { topics, others: 0 }
  }

  #byJoins({ prefix, limit }: BusiestQuery): Busiest {
    const now = this.clock.now()
    const rates = this.#rates.at(now).filter(({ topic }) => topic.startsWith(prefix))
    rates.sort((a, b) => b.atLeast - a.atLeast)
    const rest = rates.slice(limit).map(({ atMost }) => atMost)
    return {
      topics: rates.slice(0, limit).map(({ topic, atLeast }) => ({ topic, value: atLeast, joins: atLeast })),
      others: Math.max(this.#rates.atMostOfOthers(now), ...rest),
    }
  }
}
