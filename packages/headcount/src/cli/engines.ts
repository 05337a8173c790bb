import processes from 'node:cluster'
import {
  type Engine,
  type Logger,
  MemoryCluster,
  type Metrics,
  type ReplicaId,
  recordedTopics,
  shownTransitions,
  systemClock,
  topicRules,
} from '@headcount/core'
import type { Webhooks } from '@headcount/webhooks'
import { log } from '../log-events.js'
import type { Settings } from '../settings/complete.js'
import { type EngineHost, hostEngine, replicaRegistry } from '../workers/engine-host.js'
import type { Primary, Worker } from '../workers/worker-channel.js'
import { registeredEngine, type WorkerEngine, workerEngine } from '../workers/worker-engine.js'

export interface Engines {
  /** The engine of a standalone server. */
  alone(): Engine
  worker(primary: Primary): WorkerEngine
  /** The primary's part in the engine of a worker. */
  host(worker: () => Worker): EngineHost
  /** Starts webhooks in the primary of workers, if there are any. Absent if workers do so themselves. */
  startWebhooks?(metrics: Metrics): Promise<StartedWebhooks | undefined>
}

export interface StartedWebhooks extends Pick<Webhooks, 'reload'> {
  stop(): Promise<void>
}

const countsApart =
  'this process is a worker of node:cluster, as in the cluster mode of PM2, and counts only its own clients: ' +
  'set HEADCOUNT_REDIS_URL, or run one process with --workers'

/** Without Redis the primary of workers has the cluster in memory; with it, each worker is a separate replica. */
export async function enginesOf(settings: Settings, logger: Logger): Promise<Engines> {
  const { redis: urls, redisPrefix: prefix, webhooks, topics, groups, limits } = settings
  if (urls === undefined) {
    const cluster = new MemoryCluster()
    const rules = topicRules(topics, { unit: 'connections', settle: 0 }, limits.topicBytes)
    const history = recordedTopics(rules, limits.historyTopics)
    return {
      alone() {
        if (processes.isWorker) log(logger, 'odd_setting', { reason: countsApart })
        return cluster.engine()
      },
      worker: workerEngine,
      host: (worker) => hostEngine(worker, { cluster, clock: systemClock, history }),
      async startWebhooks(metrics) {
        if (webhooks.length === 0) return undefined
        const { createWebhooks } = await import('@headcount/webhooks')
        const receiver = createWebhooks(webhooks, { groups, logger, metrics })
        const shown = shownTransitions(receiver, rules)
        cluster.recordTransitions(shown.levels)
        return { reload: receiver.reload, stop: shown.start(cluster.transitions!) }
      },
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
    host: () => replicaRegistry(remove),
  }
}
