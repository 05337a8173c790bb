import { AsyncLocalStorage } from 'node:async_hooks'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { WorkQueue } from './work-queue.js'

/** Tasks of the given durations in ms, and the other events of the turns in which they run. */
async function run(tasks: number, ms: number) {
  const clock = new FakeClock()
  const work = new WorkQueue(clock)
  const events: string[] = []
  const turn = (left: number): void => {
    events.push('turn')
    if (left > 1) clock.soon(() => turn(left - 1))
  }
  for (let i = 0; i < tasks; i++) {
    work.add(() => {
      events.push(`${i}`)
      clock.jump(ms)
    })
  }
  clock.soon(() => turn(3))
  await clock.advance()
  return events.join(' ')
}

test('short tasks run in one turn, in their order', async () => {
  expect(await run(4, 0.2)).toBe('0 1 2 3 turn turn turn')
})

test('long tasks are spread over turns, with other work between them', async () => {
  expect(await run(5, 0.5)).toBe('0 1 turn 2 3 turn 4 turn')
})

test('a task that takes longer than a turn allows has its own turn', async () => {
  expect(await run(3, 100)).toBe('0 turn 1 turn 2 turn')
})

test('a task that adds itself again waits for the next turn, after those that were added before', async () => {
  const clock = new FakeClock()
  const work = new WorkQueue(clock)
  const done: number[] = []
  const add = (number: number, times: number): void =>
    work.add(() => {
      done.push(number)
      clock.jump(3)
      if (times > 1) add(number, times - 1)
    })
  for (const number of [1, 2, 3]) add(number, 2)
  await clock.advance()
  expect(done).toEqual([1, 2, 3, 1, 2, 3])
})

test('while connections arrive, tasks take at most a fifth of the time', async () => {
  const clock = new FakeClock()
  const work = new WorkQueue(clock)
  const startedAt: number[] = []
  for (let i = 0; i < 3; i++) {
    work.add(() => {
      startedAt.push(clock.now())
      clock.jump(2)
    })
  }
  // Turns of 1 ms, each with a connection.
  const turn = (): void => {
    work.accepted()
    clock.jump(1)
    if (startedAt.length < 3) clock.soon(turn)
  }
  clock.soon(turn)
  await clock.advance()
  const [first = 0, second = 0, third = 0] = startedAt
  expect(second - first).toBeGreaterThanOrEqual(10)
  expect(third - second).toBeGreaterThanOrEqual(10)
  expect(third - second).toBeLessThanOrEqual(20)
})

test('a task that throws stops no others', async () => {
  const clock = new FakeClock()
  const work = new WorkQueue(clock)
  const done: number[] = []
  work.add(() => {
    throw new Error('of a task')
  })
  work.add(() => done.push(1))
  await expect(clock.advance()).rejects.toThrow('of a task')
  work.add(() => done.push(2))
  await clock.advance()
  expect(done).toEqual([1, 2])
})

test('a task runs in the asynchronous context in which it was added', async () => {
  const clock = new FakeClock()
  const work = new WorkQueue(clock)
  const user = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  for (const name of ['a', 'b']) user.run(name, () => work.add(() => seen.push(user.getStore())))
  work.add(() => seen.push(user.getStore()))
  await clock.advance()
  expect(seen).toEqual(['a', 'b', undefined])
})
