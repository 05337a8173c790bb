export type {
  Change,
  CounterName,
  DurationName,
  Engine,
  EngineOptions,
  FlushSettings,
  GaugeName,
  HistoryReaders,
  Identity,
  Logger,
  Metrics,
  PartialOptions,
  PersonChange,
  PersonKey,
  ReplicaId,
  Topic,
  TopicRule,
  TopicRuleOption,
  TrackOptions,
  TransitionReceiver,
  Unit,
} from '@headcount/core'
export { HeadcountError, type HeadcountErrorCode, MemoryCluster, memoryEngine } from '@headcount/core'
export type { Counts, DefaultGroup, Group, Totals } from '@headcount/protocol'
export type { Headcount, Operator, Presences } from './application-interface.js'
export { type Auth, type AuthOptions, createAuth, defaultAuth } from './auth/auth.js'
export type { InvalidReason, Outcome } from './auth/outcome.js'
export { deriveSecret, isSharedSecret } from './auth/secret.js'
export { type SignOptions, signToken } from './auth/sign.js'
export type { DrainOptions } from './drain.js'
export { createHeadcount } from './headcount.js'
export { defaultHttpLimits, type HttpLimits } from './http/limits.js'
export { ignoreRequests } from './http/node-parser.js'
export type {
  BusiestPage,
  EffectiveSetting,
  ReplicaPart,
  ReplicaStatus,
  ReplicasReport,
  TopicReport,
} from './http/operator-source.js'
export type { ServerLogEvent } from './log-events.js'
export { createMetrics, type PrometheusMetrics } from './metrics/prometheus.js'
export { type OpenFiles, openFiles } from './open-files.js'
export { isNetwork } from './opening/client-address.js'
export type { HeadcountOptions, ReloadOptions } from './options.js'
export { readOrigin } from './origins.js'
export { secretWarnings } from './secret-warnings.js'
export type { Authorize } from './sockets/access.js'
export { defaultLimits, type Limits } from './sockets/limits.js'
export { topicWarnings } from './topic-warnings.js'
export { version } from './version.js'
