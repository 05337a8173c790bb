import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Clock, MemoryCluster, systemClock } from '@headcount/core'
import { pause } from '@headcount/testing'
import { type EngineCluster, type EngineReplica, engineSuite } from '@headcount/testing/engine'
import { describe } from 'vitest'
import { Ports } from '../test/ports.js'
import { taggedPort } from '../test/tagged-port.mjs'
import { connectPair, connectToHost, connectWorker } from '../test/worker-pair.js'
import { portOf } from './batched.js'

interface TestWorker extends EngineReplica {
  /** Resolves when the worker's lease has expired, if it does not renew it now. */
  expire(): Promise<void>
}

/** A worker over a channel in memory. While it is paused, its lease expires when `expire` is called. */
class MemoryWorker implements TestWorker {
  readonly #ports = new Ports()
  readonly #leases = new Set<() => void>()
  readonly #pair: ReturnType<typeof connectPair>
  #isPaused = false

  constructor(cluster: MemoryCluster) {
    const clock: Clock = {
      ...systemClock,
      after: (ms, callback) => {
        if (ms < lease) return systemClock.after(ms, callback)
        this.#leases.add(callback)
        return () => void this.#leases.delete(callback)
      },
    }
    this.#pair = connectPair(this.#ports, cluster, clock)
  }

  get engine() {
    return this.#pair.engine
  }

  async crash() {
    this.#ports.cut()
    await this.#pair.host.close()
  }

  async pause() {
    this.#isPaused = true
    this.#ports.pause()
  }

  async heal() {
    this.#isPaused = false
    this.#ports.resume()
  }

  async expire() {
    if (this.#isPaused) for (const expire of [...this.#leases]) expire()
    await new Promise((resolve) => setImmediate(resolve))
  }

  partition = noPartition
}

const script = fileURLToPath(new URL('../test/engine-process.mjs', import.meta.url))

/** A worker in a process of its own, which runs the build. */
class ProcessWorker implements TestWorker {
  readonly #child: ChildProcess = fork(script, { execArgv: [] })
  readonly #exited = once(this.#child, 'exit')
  readonly engine = connectWorker(taggedPort(portOf(this.#child)), systemClock)
  #isPaused = false

  constructor(cluster: MemoryCluster) {
    const host = connectToHost(portOf(this.#child), cluster, systemClock)
    void this.#exited.then(() => host.close())
  }

  async crash() {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async pause() {
    this.#isPaused = true
    this.#child.kill('SIGSTOP')
  }

  async heal() {
    this.#isPaused = false
    this.#child.kill('SIGCONT')
  }

  async expire() {
    if (this.#isPaused) await pause(lease + 200)
  }

  partition = noPartition
}

const lease = 1_500

function noPartition(): Promise<void> {
  throw new Error('a worker and its primary share a machine')
}

function clusterOf(create: (cluster: MemoryCluster) => TestWorker): EngineCluster {
  const cluster = new MemoryCluster()
  const workers: TestWorker[] = []
  return {
    lease,
    async addReplica() {
      const worker = create(cluster)
      workers.push(worker)
      return worker
    },
    expireLeases: async () => void (await Promise.all(workers.map((worker) => worker.expire()))),
    size: async () => cluster.size,
    close: async () => void (await Promise.all(workers.map((worker) => worker.crash()))),
  }
}

describe('over a channel in memory', () => {
  engineSuite(async () => clusterOf((cluster) => new MemoryWorker(cluster)), { faults: ['crash', 'pause'], runs: 50 })
})

describe('between processes', () => {
  const options = { faults: ['crash', 'pause'], runs: 5, length: 25 } as const
  engineSuite(async () => clusterOf((cluster) => new ProcessWorker(cluster)), options)
})
