import fc from 'fast-check'
import { describe, it } from 'vitest'
import { schedule } from '../acts.js'
import type { Fault } from '../cluster.js'
import { Run } from '../run.js'
import type { Stage } from '../stage.js'
import { when } from '../when.js'

export function schedulesChecks(
  makeStage: () => Promise<Stage>,
  can: ReadonlySet<Fault>,
  { runs, length, seed }: { runs: number; length: number; seed: number | undefined },
): void {
  const settings = { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) }
  const play = (faults: readonly Fault[], devices: boolean) =>
    fc.assert(
      fc.asyncProperty(schedule(faults, length), async (acts) => {
        const stage = await makeStage()
        const run = new Run(stage, devices)
        try {
          await run.play(acts)
          await stage.end()
          await stage.empty()
        } finally {
          await run.release()
          await stage.end()
          await stage.cluster.end()
        }
      }),
      settings,
    )

  describe('whatever happens', () => {
    it('all watchers come to what the model says, while nothing fails', () => play([], true), 300_000)

    when(can.size > 0)(
      'all watchers come to the truth after crashes, pauses and partitions',
      () => play([...can], false),
      600_000,
    )
  })
}
