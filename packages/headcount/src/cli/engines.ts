import type { Engine, Logger, ReplicaId } from '@headcount/core'
import { HeadcountError, MemoryCluster, systemClock } from '@headcount/core'
import type { Settings } from '../settings/index.js'
import { workerEngine } from '../workers/engine.js'
import { hostEngine } from '../workers/host.js'
import { inParcels } from '../workers/parcels.js'
import { forgetIfDead, knownTo } from '../workers/replicas.js'
import type { Port } from '../workers/rpc.js'

/** Where counts are merged, as seen from each kind of process. */
export interface Engines {
  /** The engine of a server: one on its own, or the primary's worker. */
  engine(primary?: Port): Engine
  /** The primary's part in the engine of a worker. Returns what ends it when the worker has died. */
  host(worker: Port): () => Promise<void>
}

interface RedisOptions {
  readonly urls: readonly string[]
  readonly lease: number
  readonly groups: number
  readonly logger: Logger
}

/** What `@headcount/redis` gives. It builds on this package, so it is looked up when it is asked for. */
interface RedisPackage {
  redisEngine(options: RedisOptions): Engine
  forgetReplica(options: RedisOptions, replica: ReplicaId): Promise<void>
}

/**
 * The one place that decides which engine it is.
 * @throws {HeadcountError} `bad_setting` where Redis is asked for and its package is not there.
 */
export async function enginesOf(settings: Settings, logger: Logger): Promise<Engines> {
  return settings.redis.length === 0 ? memoryEngines(settings) : redisEngines(settings, logger)
}

function memoryEngines({ lease }: Settings): Engines {
  const cluster = new MemoryCluster()
  return {
    engine: (primary) => (primary === undefined ? cluster.engine() : workerEngine(inParcels(primary, systemClock))),
    host: (worker) => hostEngine(inParcels(worker, systemClock), { cluster, lease, clock: systemClock }),
  }
}

/** Over Redis every process is a replica of its own. One that dies is forgotten by the process above it, at once. */
async function redisEngines(settings: Settings, logger: Logger): Promise<Engines> {
  const { redis: urls, lease, groups } = settings
  const { redisEngine, forgetReplica } = await redisPackage()
  const options = { urls, lease, groups: groups?.length ?? 2, logger }
  const make = (): Engine => explained(redisEngine(options))
  return {
    engine: (primary) => (primary === undefined ? make() : knownTo(primary, make())),
    host: (worker) =>
      forgetIfDead(worker, (replica) =>
        forgetReplica(options, replica).catch((error: Error) => {
          logger.warn({ reason: error.message }, 'a dead worker is forgotten when its lease lapses')
        }),
      ),
  }
}

/** Says of an engine that cannot be opened which setting is at fault. */
function explained(engine: Engine): Engine {
  const open = engine.open.bind(engine)
  engine.open = async (replica, options) => {
    try {
      await open(replica, options)
    } catch (cause) {
      const got = cause instanceof Error ? cause.message : String(cause)
      const expected = '--redis (HEADCOUNT_REDIS_URL): expected a Redis that can be used'
      throw new HeadcountError('bad_setting', `${expected}, got this: ${got}`, { cause })
    }
  }
  return engine
}

async function redisPackage(): Promise<RedisPackage> {
  const name = '@headcount/redis'
  try {
    return (await import(name)) as RedisPackage
  } catch (cause) {
    const message = `--redis (HEADCOUNT_REDIS_URL): expected the package ${name} to be installed, got none`
    throw new HeadcountError('bad_setting', message, { cause })
  }
}
