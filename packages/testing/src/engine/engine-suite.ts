import fc from 'fast-check'
import { describe, it, type TestContext } from 'vitest'
import { countTests } from './checks/counts.js'
import { explainTests } from './checks/explain.js'
import { historyTests } from './checks/history.js'
import { peopleTests } from './checks/people.js'
import { replicaTests } from './checks/replicas.js'
import type { EngineCluster, Fault } from './cluster.js'
import { Scenario } from './scenario.js'
import type { ScenarioCheck } from './scenario-check.js'
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
 * Registers, with vitest, the acceptance tests that every engine passes: everything that `Engine` promises. Tests of an
 * optional ability that the engine does not have are skipped.
 * @param makeCluster makes a new cluster for each test.
 */
export function engineSuite(makeCluster: () => Promise<EngineCluster>, options: EngineSuiteOptions = {}): void {
  const { faults = ['crash', 'pause', 'partition'], runs = 50, length = 40, seed } = options

  const withScenario = async ({ skip }: TestContext, check: ScenarioCheck) => {
    const scenario = new Scenario(await makeCluster(), skip)
    try {
      await check(scenario)
    } finally {
      await scenario.closeAll()
      await scenario.cluster.close()
    }
  }
  // Tests mostly wait for a lease to expire or for a message.
  const test = (name: string, check: ScenarioCheck) => it(name, (context) => withScenario(context, check), 60_000)

  describe.concurrent('an engine', () => {
    countTests(test)
    peopleTests(test)
    replicaTests(test, new Set(faults))
    explainTests(test)
    historyTests(test, new Set(faults))
  })

  const play = (context: TestContext, possible: readonly Fault[]) =>
    fc.assert(
      fc.asyncProperty(schedule(possible, length), (steps) =>
        withScenario(context, async (scenario) => {
          const run = new ScheduleRun(scenario)
          try {
            await run.play(steps)
            await scenario.closeAll()
            await scenario.isEmpty()
          } finally {
            await run.heal()
          }
        }),
      ),
      { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) },
    )

  describe.concurrent('an engine, after a random schedule', () => {
    it('shows the expected totals on all replicas', (context) => play(context, []), 300_000)
    if (faults.length > 0) {
      it('with faults, shows the expected totals on all replicas', (context) => play(context, faults), 600_000)
    }
  })
}
