import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { Batched, type Port } from './batched.js'

function setUp() {
  const clock = new FakeClock()
  const batches: object[] = []
  const written: (() => void)[] = []
  let receive = (_: unknown): void => {}
  const port: Port = {
    send(message, sent) {
      batches.push(message)
      written.push(sent)
    },
    subscribe(listener) {
      receive = listener
      return () => {}
    },
  }
  const batched = new Batched(port, clock)
  const received: unknown[] = []
  batched.subscribe((message) => received.push(message))
  return { clock, batches, written, batched, received, receive: (message: unknown) => receive(message) }
}

test('messages of one turn leave together at its end, later ones once per window, in order', async () => {
  const { clock, batches, written, batched, received, receive } = setUp()
  for (let n = 0; n < 100; n++) {
    batched.send({ n })
    if (n % 10 === 9) await clock.advance(2)
    for (const sent of written.splice(0)) sent()
  }
  await clock.advance(10)
  expect(batches.length).toBeLessThanOrEqual(4)
  for (const batch of batches) receive(batch)
  expect(received).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })))
  await clock.advance(100)
  batched.send({ n: 100 })
  const before = batches.length
  await clock.advance()
  expect(batches.length).toBe(before + 1)
  expect(clock.timers).toBe(1)
})

test('while a batch has not left, messages wait, and the newest of each key replaces the others', async () => {
  const { clock, batches, written, batched } = setUp()
  batched.send({ first: true })
  await clock.advance(1_000)
  for (let n = 0; n < 100; n++) batched.send({ a: n }, 'a')
  batched.send({ b: 1 })
  await clock.advance(1_000)
  expect(batches).toHaveLength(1)
  written[0]!()
  await clock.advance()
  expect(batches[1]).toEqual({ headcount: [{ a: 99 }, { b: 1 }] })
})

test('messages of other programs on the same channel are ignored', () => {
  const { received, receive } = setUp()
  for (const other of [null, 'text', { cmd: 'NODE_something' }, { headcount: 7 }]) receive(other)
  expect(received).toEqual([])
})
