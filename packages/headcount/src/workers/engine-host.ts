import type { Clock, EngineOptions, HistoryOptions, MemoryCluster, ReplicaId, Topic } from '@headcount/core'
import type { EngineFunctions, Worker } from './worker-channel.js'

/** The primary's part in the engine of one worker. */
export interface EngineHost {
  readonly functions: Partial<EngineFunctions>
  /** Removes the worker's presences. Called when it has exited. */
  close(): Promise<void>
}

export interface HostOptions {
  readonly cluster: MemoryCluster
  readonly clock: Clock
  /** The histories that the cluster records; undefined for none. */
  readonly history?: HistoryOptions | undefined
}

/** Runs the calls of a worker's engine on a cluster in this process. */
export function hostEngine(worker: () => Worker, { cluster, clock, history }: HostOptions): EngineHost {
  const watches = new Map<Topic, number>()
  /** Topics to send after the worker joined again, unless a change has sent newer totals. */
  const unsent = new Set<Topic>()
  const changed: EngineOptions['changed'] = (topic, totals) => {
    unsent.delete(topic)
    void worker().changed.asEvent(topic, totals, watches.get(topic) ?? 0)
  }
  const received = (text: string): void => void worker().received.asEvent(text)
  let engine = cluster.engine()
  let lease: Lease | undefined
  let join = async (): Promise<void> => {}

  const close = async (): Promise<void> => {
    lease?.end()
    await engine.close()
  }
  const functions: EngineFunctions = {
    async open(replica, options) {
      join = async () => {
        engine = cluster.engine()
        await engine.open(replica, { ...options, changed, received, ...(history && { history }) })
      }
      lease = new Lease(options.lease, clock, () => cluster.expire(replica))
      await join()
    },
    watch(topic, watch) {
      watches.set(topic, watch)
      return engine.watch(topic)
    },
    unwatch(topic) {
      watches.delete(topic)
      return engine.unwatch(topic)
    },
    read: (topics) => engine.read(topics),
    async commit(changes) {
      lease?.renew()
      const outcome = await engine.commit(changes)
      if (outcome === 'lost') {
        await join()
        for (const topic of watches.keys()) {
          unsent.add(topic)
          const totals = await engine.watch(topic)
          if (unsent.has(topic)) changed(topic, totals)
        }
      }
      return outcome
    },
    history: (topic) => engine.history!.read(topic),
    close,
    replicas: () => engine.replicas!.list(),
    rows: (topic) => engine.replicas!.rows(topic),
    send: async (to, text) => (await engine.relay?.send(to, text)) ?? false,
  }
  return { functions, close }
}

/**
 * Remembers the replica of a worker, to remove it at once when the worker exits.
 * @param remove receives the replica of a worker that exited without closing its engine.
 */
export function replicaRegistry(remove: (replica: ReplicaId) => Promise<void>): EngineHost {
  let replica: ReplicaId | undefined
  return {
    functions: {
      async open(id) {
        replica = id
      },
      async close() {
        replica = undefined
      },
    },
    async close() {
      if (replica !== undefined) await remove(replica)
    },
  }
}

/** A worker's right to be counted. It expires if it is not renewed in time, and a later renewal begins it again. */
class Lease {
  #isEnded = false
  #renewals = 0
  #cancel = (): void => {}

  /** @param length in ms. */
  constructor(
    readonly length: number,
    readonly clock: Clock,
    readonly onExpire: () => void,
  ) {
    this.renew()
  }

  renew(): void {
    if (this.#isEnded) return
    this.#cancel()
    const renewal = ++this.#renewals
    this.#cancel = this.clock.after(this.length, () => {
      // Messages that have arrived are handled first: one may renew it.
      this.clock.soon(() => {
        if (renewal === this.#renewals && !this.#isEnded) this.onExpire()
      })
    })
  }

  end(): void {
    this.#cancel()
    this.#isEnded = true
  }
}
