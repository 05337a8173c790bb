import { type Clock, MemoryCluster, systemClock } from '@headcount/core'
import { type EngineCluster, type EngineReplica, eachEngineCheck } from '@headcount/testing/engine'
import { Ports } from 'tests/workers/ports.ts'
import { workerEngine } from './engine.js'
import { hostEngine } from './host.js'

/** So long a lease never lapses by itself: it does when a check says so. */
const lease = 1_000_000

/** A worker whose channel is in memory. */
class Worker implements EngineReplica {
  readonly #ports = new Ports()
  readonly #leases = new Set<() => void>()
  readonly #clock: Clock = {
    ...systemClock,
    after: (ms, act) => {
      if (ms < lease) return systemClock.after(ms, act)
      this.#leases.add(act)
      return () => void this.#leases.delete(act)
    },
  }
  readonly #end: () => Promise<void>
  #still = false
  readonly engine = workerEngine(this.#ports.worker)

  constructor(cluster: MemoryCluster) {
    this.#end = hostEngine(this.#ports.primary, { cluster, lease, clock: this.#clock })
  }

  async crash() {
    this.#ports.cut()
    await this.#end()
  }

  async pause() {
    this.#still = true
    this.#ports.pause()
  }

  async resume() {
    this.#still = false
    this.#ports.resume()
  }

  lapse() {
    if (this.#still) for (const act of [...this.#leases]) act()
  }

  async partition() {
    throw new Error('expected no partition: worker and primary share a machine')
  }

  heal() {
    return this.partition()
  }
}

eachEngineCheck(
  async (): Promise<EngineCluster> => {
    const cluster = new MemoryCluster()
    const workers: Worker[] = []
    return {
      lease: 400,
      replica: async () => {
        const worker = new Worker(cluster)
        workers.push(worker)
        return worker
      },
      lapse: async () => {
        for (const worker of workers) worker.lapse()
        await new Promise((resolve) => setImmediate(resolve))
      },
      size: async () => cluster.size,
      end: async () => {},
    }
  },
  { can: ['crash', 'pause'], runs: 100 },
)
