export type { EngineCluster, EngineReplica, Fault } from './engine/cluster.js'
export { type EngineCheckOptions, eachEngineCheck } from './engine/each.js'
export { memoryEngines } from './engine/memory.js'
