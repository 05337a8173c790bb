export type ReplicaState = 'starting' | 'up' | 'unready' | 'paused' | 'draining' | 'gone'
export type RedisState = 'starting' | 'up' | 'paused' | 'gone'

export interface Replica {
  readonly number: number
  readonly state: ReplicaState
  /** Open sockets. */
  readonly sockets: number
}

/** What a balancer tells of the servers behind it. */
export interface Cluster {
  readonly redis: RedisState
  readonly replicas: readonly Replica[]
}

/** Where the feed is: a balancer that has one says so in the page that it passes on. */
export function feedOf(page: Pick<Document, 'querySelector'>): string | undefined {
  return page.querySelector<HTMLMetaElement>('meta[name="headcount-cluster"]')?.content
}

/** How a replica is, in a word that stands where its sockets would; undefined where they tell enough. */
export function wordOf(state: ReplicaState): string | undefined {
  return state === 'up' || state === 'unready' ? undefined : state
}

/** The whole in a sentence that is worth saying aloud when it changes. */
export function sentenceOf({ redis, replicas }: Cluster): string {
  const up = replicas.filter(({ state }) => state === 'up' || state === 'unready').length
  const here = `${up} of ${replicas.length} replicas up`
  if (redis === 'up') return `${here}.`
  const why = redis === 'starting' ? 'Redis starts' : redis === 'paused' ? 'Redis is paused' : 'Redis is gone'
  return `${here}. ${why}: each goes on with its own joins and leaves.`
}
