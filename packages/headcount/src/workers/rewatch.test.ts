import { MemoryCluster } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { Ports } from 'tests/workers/ports.ts'
import { expect, test } from 'vitest'
import { workerEngine } from './engine.js'
import { hostEngine } from './host.js'
import { inParcels } from './parcels.js'

const hold = (...counts: number[]) => ({ topic: 't', counts, people: [], interval: 50 })

test('a topic that is left, watched again and moved in one breath ends at what it is', async () => {
  const clock = new FakeClock()
  const ports = new Ports()
  hostEngine(inParcels(ports.primary, clock), { cluster: new MemoryCluster(), clock, lease: 10_000 })
  const worker = workerEngine(inParcels(ports.worker, clock))
  let heard: Totals | undefined
  const opened = worker.open('worker', (_, totals) => {
    heard = totals
  })
  await clock.advance(100)
  await opened
  const first = worker.watch('t')
  const held = worker.commit([hold(0, 1)])
  await clock.advance(100)
  await Promise.all([first, held])
  expect(heard).toEqual([0, 1])
  // The last one leaves: the topic is let go. Two come at once: it is watched anew, and the commit tells of them.
  const quiet = worker.read(['t'])
  const left = worker.unwatch('t')
  heard = undefined
  const again = worker.watch('t').then((totals) => {
    heard ??= totals
  })
  const moved = worker.commit([hold(0, 2)])
  await clock.advance(100)
  await Promise.all([quiet, left, again, moved])
  await clock.advance(1_000)
  expect(heard).toEqual([0, 2])
})
