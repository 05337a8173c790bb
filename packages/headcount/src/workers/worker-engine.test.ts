import { fork } from 'node:child_process'
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

/** A worker, and the end of its lease if it does not renew it now. */
type TestWorker = EngineReplica & { expireLease(): Promise<void> }

const lease = 1_500

async function partition(): Promise<void> {
  throw new Error('a worker and its primary share a machine')
}

/** A worker over a channel in memory. */
function memoryWorker(cluster: MemoryCluster): TestWorker {
  const ports = new Ports()
  const leases = new Set<() => void>()
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      if (ms < lease) return systemClock.after(ms, callback)
      leases.add(callback)
      return () => void leases.delete(callback)
    },
  }
  const { engine, host } = connectPair(ports, cluster, clock)
  return {
    engine,
    async crash() {
      ports.cut()
      await host.close()
    },
    pause: async () => ports.pause(),
    heal: async () => ports.resume(),
    partition,
    async expireLease() {
      if (ports.isPaused) for (const expire of [...leases]) expire()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const script = fileURLToPath(new URL('../test/engine-process.mjs', import.meta.url))

/** A worker in a process of its own, which runs the build. */
function processWorker(cluster: MemoryCluster): TestWorker {
  const child = fork(script, { execArgv: [] })
  const exited = once(child, 'exit')
  const host = connectToHost(portOf(child), cluster, systemClock)
  void exited.then(() => host.close())
  let isPaused = false
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name)
    isPaused = name === 'SIGSTOP'
  }
  return {
    engine: connectWorker(taggedPort(portOf(child)), systemClock),
    async crash() {
      signal('SIGKILL')
      await exited
    },
    pause: async () => signal('SIGSTOP'),
    heal: async () => signal('SIGCONT'),
    partition,
    expireLease: () => (isPaused ? pause(lease + 200) : Promise.resolve()),
  }
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
    expireLeases: async () => void (await Promise.all(workers.map((worker) => worker.expireLease()))),
    size: async () => cluster.size,
    close: async () => void (await Promise.all(workers.map((worker) => worker.crash()))),
  }
}

describe.each([
  { where: 'over a channel in memory', create: memoryWorker, runs: 20, length: 40 },
  { where: 'between processes', create: processWorker, runs: 3, length: 25 },
])('$where', ({ create, runs, length }) => {
  engineSuite(async () => clusterOf(create), { faults: ['crash', 'pause'], runs, length })
})
