export { defaultFlush, type FlushSettings } from './broadcast/flush-interval.js'
export { defaultShieldTick } from './broadcast/shield.js'
export type { Subscriber } from './broadcast/subscriber.js'
export type { TopicView } from './broadcast/topic-view.js'
export type { Update } from './broadcast/update.js'
export { Canary } from './canary.js'
export type { Busiest, BusiestQuery } from './counting/busiest-topics.js'
export { ManualPresences, type TrackOptions } from './counting/manual-presences.js'
export { type PersonKeys, personKeys } from './counting/person-keys.js'
export { type Identity, type Presence, presenceOf } from './counting/presence.js'
export { shownTransitions } from './counting/shown-transitions.js'
export {
  type HistoryReaders,
  historyReaders,
  type MatchedRule,
  matchesPattern,
  maxSettle,
  recordedTopics,
  type TopicRule,
  type TopicRuleOption,
  type TopicRules,
  topicRules,
  type Unit,
} from './counting/topic-rules.js'
export {
  type Change,
  defaultLease,
  type Engine,
  type EngineOptions,
  type Histories,
  type HistoryOptions,
  type PersonChange,
  type PersonKey,
  type Relay,
  type ReplicaId,
  type ReplicaLease,
  type Replicas,
  type Topic,
  type TopicRow,
  type TopicRows,
} from './engine/engine.js'
export { confirm, type HistoryMinute, type HistoryState, minute, recordChange } from './engine/history.js'
export {
  type Figures,
  type HistoryPoint,
  type HistoryRange,
  type HistoryReport,
  historyReport,
  oldestMinute,
  type TopicHistory,
} from './engine/history-report.js'
export type { Level, Passed } from './engine/levels.js'
export { MemoryCluster, memoryEngine } from './engine/memory-engine.js'
export { People } from './engine/people.js'
export { ReplicaRequests } from './engine/replica-requests.js'
export {
  type Delivery,
  maxDelivery,
  maxWaiting,
  type TopicAbove,
  type Transition,
  type TransitionReceiver,
  type Transitions,
} from './engine/transitions.js'
export { Replica, type ReplicaView } from './replica.js'
export { type Clock, maxDelay, systemClock } from './runtime/clock.js'
export { type PartialOptions, withDefaults } from './runtime/defaults.js'
export { didYouMean } from './runtime/did-you-mean.js'
export { errorText, HeadcountError, type HeadcountErrorCode } from './runtime/errors.js'
export { eventLog } from './runtime/event-log.js'
export type { CoreLogEvent } from './runtime/log-events.js'
export { LogLimiter } from './runtime/log-limiter.js'
export { type Logger, silentLogger } from './runtime/logger.js'
export {
  type CounterName,
  counters,
  type DurationName,
  durations,
  type GaugeName,
  gauges,
  type Metrics,
  noMetrics,
  type Sample,
} from './runtime/metrics.js'
export { OutageLog } from './runtime/outage-log.js'
export { Turn, type Writer } from './runtime/turn.js'
