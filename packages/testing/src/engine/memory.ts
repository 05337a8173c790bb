import { type Engine, type EngineOptions, MemoryCluster, type ReplicaId, type Topic } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import type { EngineCluster, EngineReplica } from './cluster.js'

type State = 'up' | 'still' | 'cut' | 'dead'

/**
 * A memory cluster whose replicas can be paused and cut off. Memory itself knows no leases: here they lapse when
 * `lapse` says so.
 */
export function memoryEngines(_groups = 2): EngineCluster {
  const cluster = new MemoryCluster()
  const replicas: Fallible[] = []
  return {
    lease: 400,
    replica: async () => {
      const replica = new Fallible(cluster)
      replicas.push(replica)
      return replica
    },
    lapse: async () => {
      for (const replica of replicas) if (replica.state !== 'up') replica.forget()
    },
    size: async () => cluster.size,
    end: async () => {},
  }
}

class Fallible implements EngineReplica {
  state: State = 'up'
  readonly engine: Engine
  readonly #cluster: MemoryCluster
  readonly #watched = new Set<Topic>()
  #raw: Engine
  #id: ReplicaId = ''
  #options: EngineOptions | undefined
  #moved: EngineOptions['changed'] = () => {}
  /** How often the cluster has said that something moved. */
  #moves = 0
  #waiting: (() => void)[] = []

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster
    this.#raw = cluster.engine()
    this.engine = {
      open: (replica, options) => {
        this.#id = replica
        this.#options = options
        this.#moved = options.changed
        return this.#open()
      },
      watch: async (topic) => {
        await this.#reach()
        this.#watched.add(topic)
        return this.#raw.watch(topic)
      },
      unwatch: async (topic) => {
        this.#watched.delete(topic)
        await this.#reach()
        return this.#raw.unwatch(topic)
      },
      read: async (topics) => {
        await this.#reach()
        return this.#raw.read(topics)
      },
      commit: async (changes) => {
        await this.#reach()
        const answer = await this.#raw.commit(changes)
        if (answer === 'lost') await this.#open()
        return answer
      },
      close: () => this.#raw.close(),
    }
  }

  async crash(): Promise<void> {
    this.state = 'dead'
  }

  async pause(): Promise<void> {
    this.state = 'still'
  }

  async resume(): Promise<void> {
    this.state = 'up'
    for (const go of this.#waiting.splice(0)) go()
  }

  async partition(): Promise<void> {
    this.state = 'cut'
  }

  async heal(): Promise<void> {
    this.state = 'up'
    await this.#catchUp()
  }

  forget(): void {
    this.#cluster.expire(this.#id)
  }

  /** Takes part again, as whoever was forgotten does: as one that holds nothing yet. */
  async #open(): Promise<void> {
    this.#raw = this.#cluster.engine()
    await this.#raw.open(this.#id, {
      ...this.#options!,
      changed: (topic, totals) => {
        this.#moves += 1
        if (this.state === 'up') this.#moved(topic, totals)
        else if (this.state === 'still') this.#waiting.push(() => this.#moved(topic, totals))
      },
    })
    await this.#catchUp()
  }

  /** Says what the watched topics have come to. What moved while one was read is newer than what was read. */
  async #catchUp(): Promise<void> {
    for (const topic of this.#watched) {
      let before: number
      let totals: Totals
      do {
        before = this.#moves
        totals = await this.#raw.watch(topic)
      } while (before !== this.#moves)
      this.#moved(topic, totals)
    }
  }

  async #reach(): Promise<void> {
    if (this.state === 'cut' || this.state === 'dead') throw new Error('expected a way to the cluster, got none')
    if (this.state === 'still') await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }
}
