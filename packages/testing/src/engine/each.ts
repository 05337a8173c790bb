import { afterEach, beforeEach, describe } from 'vitest'
import { countsChecks } from './checks/counts.js'
import { peopleChecks } from './checks/people.js'
import { replicasChecks } from './checks/replicas.js'
import { schedulesChecks } from './checks/schedules.js'
import type { EngineCluster, Fault } from './cluster.js'
import { Stage } from './stage.js'

export interface EngineCheckOptions {
  /** What can befall a replica of this cluster: all of it unless given. Checks that need another fault are left out. */
  readonly can?: readonly Fault[]
  /** How many random schedules are played, of each kind: 50 unless given. */
  readonly runs?: number
  /** How many acts a schedule has at most: 40 unless given. */
  readonly length?: number
  /** The seed of the schedules: any unless given. A failure prints it. */
  readonly seed?: number
}

/**
 * Registers, with vitest, the checks that every engine passes: all that `Engine` promises.
 * @param makeCluster makes a cluster of its own for each check.
 */
export function eachEngineCheck(
  makeCluster: () => Promise<EngineCluster>,
  { can = ['crash', 'pause', 'partition'], runs = 50, length = 40, seed }: EngineCheckOptions = {},
): void {
  const faults = new Set(can)
  let stage: Stage
  const here = () => stage

  describe('an engine', () => {
    beforeEach(async () => {
      stage = new Stage(await makeCluster())
    })
    afterEach(async () => {
      await stage.end()
      await stage.cluster.end()
    })
    countsChecks(here)
    peopleChecks(here)
    replicasChecks(here, faults)
  })

  describe('an engine', () => {
    schedulesChecks(async () => new Stage(await makeCluster()), faults, { runs, length, seed })
  })
}
