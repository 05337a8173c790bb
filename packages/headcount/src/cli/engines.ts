import { type Engine, type Logger, MemoryCluster, type ReplicaId, systemClock } from '@headcount/core'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { type EngineHost, hostEngine, ReplicaRegistry } from '../workers/engine-host.js'
import type { Primary, Worker } from '../workers/worker-channel.js'
import { registeredEngine, type WorkerEngine, workerEngine } from '../workers/worker-engine.js'

/** The engine of each kind of process. */
export interface Engines {
  /** The engine of a server on its own. */
  alone(): Engine
  worker(primary: Primary): WorkerEngine
  /** The primary's part in the engine of a worker. */
  host(worker: () => Worker): EngineHost
}

/** Without Redis the primary of workers holds the cluster; with it, each worker is a replica of its own. */
export async function enginesOf({ redis: urls, redisPrefix: prefix }: Settings, logger: Logger): Promise<Engines> {
  if (urls === undefined) {
    const cluster = new MemoryCluster()
    return {
      alone: () => cluster.engine(),
      worker: workerEngine,
      host: (worker) => hostEngine(worker, cluster, systemClock),
    }
  }
  const { redisEngine, expireReplica } = await import('@headcount/redis')
  const options = { urls, prefix, logger }
  const remove = (replica: ReplicaId): Promise<void> =>
    expireReplica(options, replica).catch((error: Error) => {
      log(logger, 'worker_not_removed', { reason: error.message })
    })
  return {
    alone: () => redisEngine(options),
    worker: (primary) => registeredEngine(redisEngine(options), primary),
    host: () => new ReplicaRegistry(remove),
  }
}
