import {
  type Change,
  type Engine,
  type EngineOptions,
  MemoryCluster,
  type ReplicaId,
  type Topic,
} from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import type { EngineCluster, EngineReplica } from './cluster.js'

/** A memory cluster with faults. Leases expire when `expireLeases` is called: the memory engine has none. */
export function memoryEngines(): EngineCluster {
  const cluster = new MemoryCluster()
  const replicas: FaultyReplica[] = []
  return {
    lease: 400,
    addReplica: async () => {
      const replica = new FaultyReplica(cluster)
      replicas.push(replica)
      return replica
    },
    expireLeases: async () => {
      for (const replica of replicas) replica.expireIfDown()
    },
    size: async () => cluster.size,
    close: async () => {},
  }
}

class FaultyReplica implements EngineReplica {
  readonly engine: Engine
  readonly #watched = new Set<Topic>()
  #state: 'up' | 'paused' | 'partitioned' | 'crashed' = 'up'
  #inner: Engine
  #id: ReplicaId = ''
  #options: EngineOptions | undefined
  /** Work that waits for the end of a pause. */
  #waiting: (() => void)[] = []
  #reports = 0

  constructor(private readonly cluster: MemoryCluster) {
    this.#inner = cluster.engine()
    const reaching =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        await this.#reach()
        return call(...args)
      }
    this.engine = {
      open: (replica, options) => {
        this.#id = replica
        this.#options = options
        return this.#open()
      },
      watch: reaching((topic: Topic) => {
        this.#watched.add(topic)
        return this.#inner.watch(topic)
      }),
      unwatch: (topic) => {
        this.#watched.delete(topic)
        return reaching(() => this.#inner.unwatch(topic))()
      },
      read: reaching((topics: readonly Topic[]) => this.#inner.read(topics)),
      commit: reaching(async (changes: readonly Change[]) => {
        const outcome = await this.#inner.commit(changes)
        if (outcome === 'lost') await this.#open()
        return outcome
      }),
      close: () => this.#inner.close(),
      replicas: {
        list: reaching(() => this.#inner.replicas!.list()),
        rows: reaching((topic: Topic) => this.#inner.replicas!.rows(topic)),
      },
      relay: { send: reaching((to: ReplicaId, text: string) => this.#inner.relay!.send(to, text)) },
      history: { read: reaching((topic: Topic) => this.#inner.history!.read(topic)) },
    }
  }

  async crash(): Promise<void> {
    this.#state = 'crashed'
  }

  async pause(): Promise<void> {
    this.#state = 'paused'
  }

  async partition(): Promise<void> {
    this.#state = 'partitioned'
  }

  async heal(): Promise<void> {
    const missedReports = this.#state === 'partitioned'
    this.#state = 'up'
    for (const proceed of this.#waiting.splice(0)) proceed()
    if (missedReports) await this.#catchUp()
  }

  expireIfDown(): void {
    if (this.#state !== 'up') this.cluster.expire(this.#id)
  }

  /** Joins the cluster, for the first time or after the replica expired. */
  async #open(): Promise<void> {
    this.#inner = this.cluster.engine()
    await this.#inner.open(this.#id, {
      ...this.#options!,
      changed: (topic, totals) => this.#changed(topic, totals),
      received: (text) =>
        void this.#reach().then(
          () => this.#options?.received?.(text),
          () => {},
        ),
    })
    await this.#catchUp()
  }

  #changed(topic: Topic, totals: Totals): void {
    this.#reports += 1
    if (this.#state === 'up') this.#options?.changed(topic, totals)
    else if (this.#state === 'paused') this.#waiting.push(() => this.#options?.changed(topic, totals))
  }

  /** Reports the totals of watched topics. A report that arrives during a read is newer, so the read is repeated. */
  async #catchUp(): Promise<void> {
    for (const topic of this.#watched) {
      let before: number
      let totals: Totals
      do {
        before = this.#reports
        totals = await this.#inner.watch(topic)
      } while (before !== this.#reports)
      this.#options?.changed(topic, totals)
    }
  }

  async #reach(): Promise<void> {
    if (this.#state === 'paused') await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    if (this.#state === 'partitioned' || this.#state === 'crashed') throw new Error('cluster unreachable')
  }
}
