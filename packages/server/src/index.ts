export { type Clock, systemClock } from './clock.js'
export type { Change, Engine, Moved, PersonChange, PersonKey, ReplicaId, Topic } from './engine.js'
export { MemoryCluster, memoryEngine } from './memory.js'
