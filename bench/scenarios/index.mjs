import { beside } from './beside.mjs'
import { churn } from './churn.mjs'
import { cluster } from './cluster.mjs'
import { fanout } from './fanout.mjs'
import { handshake } from './handshake.mjs'
import { idle } from './idle.mjs'
import { spread } from './spread.mjs'
import { storm } from './storm.mjs'
import { workers } from './workers.mjs'

/** In the order in which they are measured. */
export const scenarios = [storm, churn, spread, idle, fanout, beside, handshake, workers, cluster]
