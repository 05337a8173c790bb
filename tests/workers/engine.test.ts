import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pause } from '@headcount/testing'
import { type EngineCluster, type EngineReplica, eachEngineCheck } from '@headcount/testing/engine'
import { systemClock } from '../../packages/server/src/clock.js'
import { MemoryCluster } from '../../packages/server/src/counting/memory.js'
import { workerEngine } from '../../packages/server/src/workers/engine.js'
import { hostEngine } from '../../packages/server/src/workers/host.js'
import { inParcels } from '../../packages/server/src/workers/parcels.js'
import { portOf } from '../../packages/server/src/workers/port.js'
import { through } from './through.mjs'

// Every replica is a process with the worker's engine; this one is the primary, and asks what to do there.

const script = fileURLToPath(new URL('./worker.mjs', import.meta.url))
const lease = 1_500

class Worker implements EngineReplica {
  readonly #child: ChildProcess = fork(script, { execArgv: [] })
  readonly engine = workerEngine(inParcels(through(portOf(this.#child)), systemClock))
  readonly #gone = once(this.#child, 'exit')
  still = false

  constructor(cluster: MemoryCluster) {
    const end = hostEngine(inParcels(portOf(this.#child), systemClock), {
      cluster,
      lease,
      clock: systemClock,
    })
    void this.#gone.then(end)
  }

  async crash() {
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  async pause() {
    this.still = true
    this.#child.kill('SIGSTOP')
  }

  async resume() {
    this.still = false
    this.#child.kill('SIGCONT')
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
      lease,
      replica: async () => {
        const worker = new Worker(cluster)
        workers.push(worker)
        return worker
      },
      // Whoever has died is forgotten already; whoever stands still, when its lease is over.
      lapse: async () => {
        if (workers.some(({ still }) => still)) await pause(lease + 200)
      },
      size: async () => cluster.size,
      end: async () => void (await Promise.all(workers.map((worker) => worker.crash()))),
    }
  },
  { can: ['crash', 'pause'], runs: 5, length: 25 },
)
