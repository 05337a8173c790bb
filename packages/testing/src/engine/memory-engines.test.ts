import { engineSuite } from './engine-suite.js'
import { memoryEngines } from './memory-engines.js'

engineSuite(async () => memoryEngines(), { runs: 200 })
