import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Clock, MemoryCluster, systemClock } from '@headcount/core'
import { type EngineCluster, type EngineReplica, engineSuite } from '@headcount/testing/engine'
import { afterAll, describe } from 'vitest'
import { Ports } from '../test/ports.js'
import { taggedPort } from '../test/tagged-port.mjs'
import { connectPair, connectToHost, connectWorker } from '../test/worker-pair.js'
import { portOf } from './batched.js'

/** In ms. Leases expire when `expireLeases` is called: `engine-host.test.ts` tests their duration. */
const lease = 1_500

/** The time between two batches is short, and leases do not expire by time. */
class LeaseClock implements Clock {
  readonly #ends = new Set<() => void>()
  readonly now = systemClock.now
  readonly origin = systemClock.origin
  readonly soon = systemClock.soon

  after(ms: number, callback: () => void): () => void {
    if (ms < lease) return systemClock.after(Math.min(ms, 1), callback)
    this.#ends.add(callback)
    return () => void this.#ends.delete(callback)
  }

  async expireLeases(): Promise<void> {
    for (const end of [...this.#ends]) end()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A worker, with functions to suspend or end it. */
interface TestWorker extends Pick<EngineReplica, 'engine' | 'crash'> {
  readonly clock: LeaseClock
  setPaused(isPaused: boolean): void
  /** Releases it once its engine is closed. */
  release(): Promise<void>
}

/** A worker over a channel in memory. */
async function memoryWorker(cluster: MemoryCluster): Promise<TestWorker> {
  const ports = new Ports()
  const clock = new LeaseClock()
  const { engine, host } = connectPair(ports, cluster, clock)
  const crash = async (): Promise<void> => {
    ports.cut()
    await host.close()
  }
  return { engine, clock, setPaused: (isPaused) => (isPaused ? ports.pause() : ports.resume()), crash, release: crash }
}

const script = fileURLToPath(new URL('../test/engine-process.mjs', import.meta.url))

/** Processes whose worker has closed its engine. They serve the next tests. */
const idle: ChildProcess[] = []
afterAll(() => idle.forEach((child) => void child.kill()))

/** A worker in a separate process, which runs the build. */
async function processWorker(cluster: MemoryCluster): Promise<TestWorker> {
  const child = idle.pop() ?? fork(script, { execArgv: [] })
  const clock = new LeaseClock()
  const host = connectToHost(portOf(child), cluster, clock)
  return {
    engine: connectWorker(taggedPort(portOf(child)), systemClock),
    clock,
    setPaused: (isPaused) => void child.kill(isPaused ? 'SIGSTOP' : 'SIGCONT'),
    async crash() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      await host.close()
    },
    async release() {
      await host.close()
      child.removeAllListeners('message')
      idle.push(child)
    },
  }
}

function clusterOf(create: (cluster: MemoryCluster) => Promise<TestWorker>): EngineCluster {
  const cluster = new MemoryCluster()
  const workers = new Set<TestWorker>()
  const paused = new Set<TestWorker>()
  return {
    lease,
    async addReplica() {
      const worker = await create(cluster)
      workers.add(worker)
      const setPaused = async (isPaused: boolean): Promise<void> => {
        if (isPaused) paused.add(worker)
        else paused.delete(worker)
        worker.setPaused(isPaused)
      }
      return {
        engine: worker.engine,
        async crash() {
          workers.delete(worker)
          await worker.crash()
        },
        pause: () => setPaused(true),
        heal: () => setPaused(false),
        async partition() {
          throw new Error('a worker and its primary share a machine')
        },
      }
    },
    expireLeases: async () => void (await Promise.all([...paused].map(({ clock }) => clock.expireLeases()))),
    size: async () => cluster.size,
    close: async () => {
      for (const worker of workers) await (paused.has(worker) ? worker.crash() : worker.release())
    },
  }
}

describe.each([
  { where: 'over a channel in memory', create: memoryWorker, runs: 20, length: 40 },
  { where: 'between processes', create: processWorker, runs: 3, length: 25 },
])('$where', ({ create, runs, length }) => {
  engineSuite(async () => clusterOf(create), { faults: ['crash', 'pause'], runs, length })
})
