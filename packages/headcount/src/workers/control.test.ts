import { HeadcountError } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import type { CrowdSize } from 'demo'
import { Ports } from 'tests/workers/ports.ts'
import { expect, test } from 'vitest'
import { controlledBy, controlWorker, type WorkerControl } from './control.js'

const nobody: CrowdSize = { viewers: 0, users: 0 }

/** Two workers of one primary, which has the demo's crowd. */
function start() {
  const errors: Error[] = []
  const crowd = {
    wanted: nobody,
    here: nobody,
    resize(size: CrowdSize) {
      crowd.wanted = size
    },
  }
  let begun = 0
  const acts: WorkerControl = {
    started: () => void begun++,
    failed: (error) => void errors.push(error),
    metrics: async () => 'all of it',
    crowd,
  }
  const workers = [1, 2].map(() => {
    const ports = new Ports()
    const metrics = createMetrics({ process: false })
    const control = controlWorker(ports.primary, acts)
    return { control, metrics, primary: controlledBy(ports.worker, metrics) }
  })
  return { errors, crowd, begun: () => begun, a: workers[0]!, b: workers[1]! }
}

test('the primary hears that a worker has started', async () => {
  const { a, begun } = start()
  a.primary.started()
  await a.primary.crowd.refresh()
  expect(begun()).toBe(1)
})

test('an error reaches the primary as what it is', async () => {
  const { a, errors } = start()
  a.primary.failed(new HeadcountError('port_in_use', 'expected a free port'))
  a.primary.failed(new TypeError('a fault of ours'))
  a.primary.failed('text')
  await a.primary.crowd.refresh()
  expect(errors[0]).toBeInstanceOf(HeadcountError)
  expect(errors[0]).toMatchObject({ code: 'port_in_use', message: 'expected a free port' })
  expect(errors[1]).not.toBeInstanceOf(HeadcountError)
  expect(errors[1]!.stack).toContain('control.test.ts')
  expect(errors[2]!.message).toBe('text')
})

test("a worker tells everybody's metrics, and the primary asks for its own", async () => {
  const { a } = start()
  a.primary.metrics.count('joins', 4)
  expect(await a.primary.metrics.text()).toBe('all of it')
  expect(await a.control.metrics()).toContain('headcount_joins_total 4\n')
})

test("the demo's crowd is one, whichever worker is asked to resize it or to tell it", async () => {
  const { a, b, crowd } = start()
  a.primary.crowd.resize({ viewers: 20, users: 10 })
  expect(a.primary.crowd.wanted).toEqual({ viewers: 20, users: 10 })
  await b.primary.crowd.refresh()
  expect(b.primary.crowd.wanted).toEqual({ viewers: 20, users: 10 })
  expect(b.primary.crowd.here).toEqual(nobody)
  crowd.here = { viewers: 3, users: 1 }
  await Promise.all([a.primary.crowd.refresh(), b.primary.crowd.refresh()])
  expect([a, b].map(({ primary }) => primary.crowd.here)).toEqual([crowd.here, crowd.here])
})
