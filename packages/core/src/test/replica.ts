import { defaultGroups } from '@headcount/protocol'
import { defaultFlush } from '../broadcast/flush-interval.js'
import { memoryEngine } from '../engine/memory-engine.js'
import { Replica, type ReplicaOptions } from '../replica.js'
import type { FakeClock } from '../runtime/fake-clock.js'
import { silentLogger } from '../runtime/logger.js'
import { noMetrics } from '../runtime/metrics.js'
import { Turn } from '../runtime/turn.js'

/** A replica with its own memory engine, unless another is passed. An error of a callback fails the test. */
export function replicaOn(clock: FakeClock, options: Partial<ReplicaOptions> = {}): Replica {
  return new Replica({
    ...{ id: 'a', engine: memoryEngine(), groups: defaultGroups, flush: defaultFlush, lease: 10_000, clock },
    ...{ logger: silentLogger, metrics: noMetrics, display: () => ({ settle: 0, shield: 0 }), shieldTick: 10_000 },
    turn: new Turn(clock, (error) => {
      throw error
    }),
    ...options,
  })
}
