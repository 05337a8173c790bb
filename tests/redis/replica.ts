import { type RedisEngineOptions, redisEngine } from '@headcount/redis'
import type { Change, Engine, PersonChange, Topic } from '@headcount/server'

/** What one replica has said and heard. */
export interface TestReplica {
  readonly engine: Engine
  /** All that `moved` said, in order. */
  readonly news: { readonly topic: Topic; readonly totals: readonly number[]; readonly at: number }[]
  /** The newest totals of a topic. */
  now(topic: Topic): readonly number[] | undefined
  /** Watches, and holds what was answered as news. */
  watch(topic: Topic): Promise<readonly number[]>
  /** Commits nothing but its being alive, four times a lease, and says all anew that `holding` gives when it was lost. */
  renew(holding: () => Change[]): () => void
}

let names = 0

/** Opens an engine and gathers what it says. */
export async function openReplica(options: RedisEngineOptions, id = `replica-${++names}`): Promise<TestReplica> {
  const engine = redisEngine(options)
  const news: { topic: Topic; totals: readonly number[]; at: number }[] = []
  const latest = new Map<Topic, readonly number[]>()
  const hear = (topic: Topic, totals: readonly number[]) => {
    news.push({ topic, totals, at: performance.now() })
    latest.set(topic, totals)
  }
  await engine.open(id, hear)
  return {
    engine,
    news,
    now: (topic) => latest.get(topic),
    watch: async (topic) => {
      const totals = await engine.watch(topic)
      if (!latest.has(topic)) hear(topic, totals)
      return totals
    },
    renew: (holding) => {
      let stopped = false
      let anew = true
      const run = async () => {
        while (!stopped) {
          try {
            anew = (await engine.commit(anew ? holding() : [])) === 'lost'
          } catch {
            anew = true
          }
          await new Promise((resolve) => setTimeout(resolve, anew ? 50 : (options.lease ?? 10_000) / 4))
        }
      }
      void run()
      return () => {
        stopped = true
      }
    },
  }
}

/** What a replica holds of a topic, by group. */
export function counts(topic: Topic, ...numbers: number[]): Change {
  return { topic, counts: numbers, people: [], interval: 50 }
}

/** People of a topic. */
export function people(topic: Topic, ...list: PersonChange[]): Change {
  return { topic, counts: [0, 0], people: list, interval: 50 }
}
