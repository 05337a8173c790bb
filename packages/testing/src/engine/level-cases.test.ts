import { MemoryCluster, type Transition } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { expect, test } from 'vitest'
import { levelCases } from './level-cases.js'

test.each(levelCases)('in memory, $title', async ({ levels, steps }) => {
  const clock = new FakeClock()
  const cluster = new MemoryCluster(clock)
  const engine = cluster.engine()
  await engine.open('a', { groups: 2, lease: 1e9, changed() {}, levels: () => levels })
  const transitions = engine.transitions!

  /** Reads and acknowledges everything. */
  const drain = async (): Promise<Transition[]> => {
    const all: Transition[] = []
    for (let next = await transitions.next('r'); next !== undefined; next = await transitions.next('r')) {
      if (next.kind === 'transitions') all.push(...next.transitions)
      await transitions.acknowledge('r', next.id)
    }
    return all
  }

  await drain()
  for (const { count, wait = 0, passes } of steps) {
    if (count !== undefined) await engine.commit([{ topic: 't', counts: [0, count], people: [], interval: 50 }])
    await clock.advance(wait)
    const passed = await drain()
    const indexOf = ({ level: { up } }: Transition) => levels.findIndex((level) => level.up === up)
    expect(passed.map((one) => `${indexOf(one)} ${one.direction}`)).toEqual(passes)
  }
})
