import { eachEngineCheck } from './each.js'
import { memoryEngines } from './memory.js'

eachEngineCheck(async () => memoryEngines(), { runs: 200 })
