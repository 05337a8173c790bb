import type { Change, Engine, Topic } from '@headcount/core'
import { redisEngine } from '@headcount/redis'
import { pause } from '@headcount/testing'

/** An open engine and its reports. */
export interface TestReplica {
  readonly engine: Engine
  /** Every report, in order. */
  readonly received: { readonly topic: Topic; readonly totals: readonly number[] }[]
  /** The newest totals of a topic. */
  latest(topic: Topic): readonly number[] | undefined
  watch(topic: Topic): Promise<readonly number[]>
  /** Commits four times per lease: all of `changes` at first and after a failure, otherwise nothing. */
  keepCommitting(changes: () => Change[]): () => void
}

/** The permissions that the engine needs, as packages/redis/README.md lists them. */
export const rules = '~hc:* &hc:* +@scripting +@hash +@set +@keyspace +@pubsub +@connection +time +info'.split(' ')

let opened = 0

/** Opens a replica. @param cleanup registers what closes its engine after the test. */
export async function openReplica(
  cleanup: (end: () => unknown) => void,
  options: Parameters<typeof redisEngine>[0],
  { lease = 10_000, id = `replica-${++opened}` } = {},
): Promise<TestReplica> {
  const engine = redisEngine(options)
  const received: { topic: Topic; totals: readonly number[] }[] = []
  const latest = new Map<Topic, readonly number[]>()
  const changed = (topic: Topic, totals: readonly number[]) => {
    received.push({ topic, totals })
    latest.set(topic, totals)
  }
  await engine.open(id, { groups: 2, lease, changed })
  cleanup(() => engine.close())
  return {
    engine,
    received,
    latest: (topic) => latest.get(topic),
    watch: async (topic) => {
      const totals = await engine.watch(topic)
      if (!latest.has(topic)) changed(topic, totals)
      return totals
    },
    keepCommitting: (changes) => {
      let stopped = false
      const run = async () => {
        let complete = false
        while (!stopped) {
          const outcome: string = await engine.commit(complete ? [] : changes()).catch(() => 'failed')
          complete = outcome === 'kept'
          await pause(complete ? lease / 4 : 50)
        }
      }
      void run()
      return () => {
        stopped = true
      }
    },
  }
}

export function counts(topic: Topic, ...numbers: number[]): Change {
  return { topic, counts: numbers, people: [], interval: 50 }
}

/** A change of people: each person's group, or null. */
export function people(topic: Topic, groups: Readonly<Record<string, number | null>>): Change {
  return { ...counts(topic, 0, 0), people: Object.entries(groups).map(([key, group]) => ({ key, group })) }
}
