import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { inParcels } from './parcels.js'
import type { Port } from './rpc.js'

function make() {
  const clock = new FakeClock()
  const sent: object[] = []
  let hear = (_: unknown): void => {}
  const port: Port = {
    send: (message) => void sent.push(message),
    on(listener) {
      hear = listener
      return () => {}
    },
  }
  return { clock, sent, parcels: inParcels(port, clock), hear: (message: unknown) => hear(message) }
}

test('after a quiet a message goes at once; a storm goes in a few parcels, in order', async () => {
  const { clock, sent, parcels, hear } = make()
  parcels.send({ n: 0 })
  expect(sent).toHaveLength(1)
  for (let n = 1; n <= 100; n++) {
    parcels.send({ n })
    if (n % 10 === 0) await clock.advance(1)
  }
  await clock.advance(5)
  expect(sent).toHaveLength(3)
  const heard: unknown[] = []
  parcels.on((message) => heard.push(message))
  for (const parcel of sent) hear(parcel)
  expect(heard).toEqual(Array.from({ length: 101 }, (_, n) => ({ n })))
  await clock.advance(100)
  parcels.send({ n: 101 })
  expect(sent).toHaveLength(4)
})

test('what is no parcel is left to others on the same port', () => {
  const { parcels, hear } = make()
  const heard: unknown[] = []
  parcels.on((message) => heard.push(message))
  for (const other of [null, 'text', { headcount: 'control', act: 'started' }]) hear(other)
  expect(heard).toEqual([])
})
