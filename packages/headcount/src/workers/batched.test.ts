import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { Ports } from '../test/ports.js'
import { Batched } from './batched.js'

function setUp() {
  const clock = new FakeClock()
  const ports = new Ports()
  const received: unknown[] = []
  new Batched(ports.primary, clock).subscribe((message) => received.push(message))
  return { clock, ports, batched: new Batched(ports.worker, clock), received }
}

test('messages of one turn are sent together at its end, later ones once per window, in order', async () => {
  const { clock, ports, batched, received } = setUp()
  for (let n = 0; n < 100; n++) {
    batched.send({ n })
    if (n % 10 === 9) await clock.advance(2)
  }
  await clock.advance(10)
  expect(ports.sent.length).toBeLessThanOrEqual(4)
  expect(received).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })))
  await clock.advance(100)
  batched.send({ n: 100 })
  await clock.advance()
  expect(received).toHaveLength(101)
  expect(clock.timers).toBe(1)
})

test('while a batch is unsent, messages wait, and the newest of each key replaces the others', async () => {
  const { clock, ports, batched } = setUp()
  ports.pause()
  batched.send({ first: true })
  await clock.advance(1_000)
  for (let n = 0; n < 100; n++) batched.send({ a: n }, 'a')
  batched.send({ b: 1 })
  await clock.advance(1_000)
  expect(ports.sent).toHaveLength(1)
  ports.resume()
  await clock.advance()
  expect(JSON.parse(ports.sent[1]!)).toEqual({ headcount: [{ a: 99 }, { b: 1 }] })
})

test('messages of other programs on the same channel are ignored', async () => {
  const { clock, ports, received } = setUp()
  for (const other of [null, 'text', { cmd: 'NODE_something' }, { headcount: 7 }])
    ports.worker.send(other as unknown as object, () => {})
  await clock.advance()
  expect(received).toEqual([])
})
