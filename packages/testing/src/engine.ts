export type { EngineCluster, EngineReplica, Fault } from './engine/cluster.js'
export { type EngineSuiteOptions, engineSuite } from './engine/engine-suite.js'
export { memoryEngines } from './engine/memory-engines.js'
export { type PeopleStep, peopleCases } from './engine/people-cases.js'
