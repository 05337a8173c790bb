import fc from 'fast-check'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { countTests } from './checks/counts.js'
import { peopleTests } from './checks/people.js'
import { replicaTests } from './checks/replicas.js'
import type { EngineCluster, Fault } from './cluster.js'
import { itIf } from './it-if.js'
import { Scenario } from './scenario.js'
import { schedule } from './schedule.js'
import { ScheduleRun } from './schedule-run.js'

export interface EngineSuiteOptions {
  /** The faults that the cluster can have; default: all. Tests of other faults are not registered. */
  readonly faults?: readonly Fault[]
  /** How many random schedules to run with faults, and how many without; default: 50. */
  readonly runs?: number
  /** Maximum number of steps of a schedule; default: 40. */
  readonly length?: number
  /** Seed of the schedules; default: random. A failure prints it. */
  readonly seed?: number
}

/**
 * Registers, with vitest, the acceptance tests that every engine passes: everything that `Engine` promises.
 * @param makeCluster makes a new cluster for each test.
 */
export function engineSuite(makeCluster: () => Promise<EngineCluster>, options: EngineSuiteOptions = {}): void {
  const { faults = ['crash', 'pause', 'partition'], runs = 50, length = 40, seed } = options

  describe('an engine', () => {
    let scenario: Scenario
    const current = () => scenario
    beforeEach(async () => {
      scenario = new Scenario(await makeCluster())
    })
    afterEach(async () => {
      await scenario.closeAll()
      await scenario.cluster.close()
    })
    countTests(current)
    peopleTests(current)
    replicaTests(current, new Set(faults))
  })

  const play = (possible: readonly Fault[]) =>
    fc.assert(
      fc.asyncProperty(schedule(possible, length), async (steps) => {
        const scenario = new Scenario(await makeCluster())
        const run = new ScheduleRun(scenario)
        try {
          await run.play(steps)
          await scenario.closeAll()
          await scenario.isEmpty()
        } finally {
          await run.heal()
          await scenario.closeAll()
          await scenario.cluster.close()
        }
      }),
      { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) },
    )

  describe('an engine, after a random schedule', () => {
    it('shows the expected totals on all replicas', () => play([]), 300_000)
    itIf(faults.length > 0)('with faults, shows the expected totals on all replicas', () => play(faults), 600_000)
  })
}
