export type {
  Change,
  Engine,
  EngineOptions,
  FlushSettings,
  Logger,
  PersonChange,
  PersonKey,
  ReplicaId,
  Topic,
  TopicRule,
  TopicRuleOption,
  TrackOptions,
  Unit,
} from '@headcount/core'
export {
  type Clock,
  HeadcountError,
  type HeadcountErrorCode,
  MemoryCluster,
  memoryEngine,
  systemClock,
} from '@headcount/core'
export type { AuthOptions } from './auth/index.js'
export { signToken } from './auth/index.js'
export { createHeadcount, type Headcount, type HeadcountOptions } from './headcount.js'
export { createMetrics } from './metrics/prometheus.js'
export type { Limits } from './sockets/limits.js'
export type { Authorize } from './sockets/socket-context.js'
