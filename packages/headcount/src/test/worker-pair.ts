import type { Clock, MemoryCluster } from '@headcount/core'
import type { Port } from '../workers/batched.js'
import { type EngineHost, hostEngine } from '../workers/engine-host.js'
import { connect, type PrimaryFunctions, type Worker, type WorkerFunctions } from '../workers/worker-channel.js'
import { type WorkerEngine, workerEngine } from '../workers/worker-engine.js'
import type { Ports } from './ports.js'

/** The engine of a worker, connected with its host in the primary. */
export function connectPair(ports: Ports, cluster: MemoryCluster, clock: Clock) {
  return { engine: connectWorker(ports.worker, clock), host: connectToHost(ports.primary, cluster, clock) }
}

/** The worker's end of a channel. */
export function connectWorker(port: Port, clock: Clock): WorkerEngine {
  const primary = connect<Required<PrimaryFunctions>, WorkerFunctions>(port, clock, {
    changed: (topic, totals, watch) => engine.receive(topic, totals, watch),
    metrics: async () => [],
    received: (text) => engine.receiveText(text),
    ping() {},
    async reload() {},
  })
  const engine: WorkerEngine = workerEngine(primary)
  return engine
}

/** The primary's end of a channel. */
export function connectToHost(port: Port, cluster: MemoryCluster, clock: Clock): EngineHost {
  const host: EngineHost = hostEngine(() => worker, {
    cluster,
    clock,
    history: { records: (topic) => topic === 'recorded', topics: 10 },
  })
  const others = { started() {}, failed() {}, metrics: async () => '' }
  const worker: Worker = connect<WorkerFunctions, PrimaryFunctions>(port, clock, { ...host.functions, ...others })
  return host
}
