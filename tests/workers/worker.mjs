// A worker's process with an engine and nothing else, which the test that has forked it uses over the same channel.

import { systemClock } from '../../packages/server/dist/clock.js'
import { workerEngine } from '../../packages/server/dist/workers/engine.js'
import { hostEngine } from '../../packages/server/dist/workers/host.js'
import { inParcels } from '../../packages/server/dist/workers/parcels.js'
import { portOf } from '../../packages/server/dist/workers/port.js'
import { through } from './through.mjs'

const port = portOf(process)
const longest = 2 ** 31 - 1
hostEngine(inParcels(through(port), systemClock), {
  cluster: { engine: () => workerEngine(inParcels(port, systemClock)) },
  clock: systemClock,
  // The lease that counts is the primary's.
  lease: longest,
})
process.on('disconnect', () => process.exit())
