import { silentLogger } from '@headcount/server'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { Pool, pauseBefore, type WorkerProcess } from './pool.js'

/** A process that starts, fails and dies when a test says so. */
class FakeProcess implements WorkerProcess {
  readonly pid = 1
  readonly signals: string[] = []
  start!: () => void
  fail!: (error: Error) => void
  die!: (how: string) => void
  readonly started = new Promise<void>((resolve, reject) => {
    this.start = resolve
    this.fail = reject
  })
  readonly ended = new Promise<string>((resolve) => {
    this.die = resolve
  })

  constructor(readonly worker: number) {}

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal)
    if (signal === 'SIGKILL') this.die('SIGKILL')
  }
}

function make(size: number) {
  const clock = new FakeClock()
  const forked: FakeProcess[] = []
  const pool = new Pool({
    size,
    clock,
    logger: silentLogger,
    fork(worker) {
      const process = new FakeProcess(worker)
      forked.push(process)
      return process
    },
  })
  return { clock, forked, pool }
}

async function started(size: number) {
  const made = make(size)
  const starting = made.pool.start()
  for (const process of made.forked) process.start()
  await starting
  return made
}

test('has started when the last worker listens', async () => {
  const { forked, pool, clock } = make(3)
  let done = false
  const starting = pool.start().then(() => {
    done = true
  })
  expect(forked.map(({ worker }) => worker)).toEqual([1, 2, 3])
  forked[0]!.start()
  forked[2]!.start()
  await clock.advance(1_000)
  expect(done).toBe(false)
  forked[1]!.start()
  await starting
  expect(pool.size).toBe(3)
})

test('a worker that cannot start stops the start, with its error, and takes the others along', async () => {
  const { forked, pool, clock } = make(3)
  const starting = pool.start()
  forked[0]!.start()
  forked[1]!.fail(new Error('expected a free port'))
  await expect(starting).rejects.toThrow('expected a free port')
  expect(forked.map(({ signals }) => signals)).toEqual([['SIGKILL'], ['SIGKILL'], ['SIGKILL']])
  await clock.advance(60_000)
  expect(forked).toHaveLength(3)
  expect(clock.timers).toBe(0)
})

test('a worker that ends before it listens stops the start as well', async () => {
  const { forked, pool } = make(2)
  const starting = pool.start()
  forked[1]!.die('exit code 7')
  await expect(starting).rejects.toThrow('worker 2: expected it to listen, got its end (exit code 7)')
})

test('a worker that dies is replaced at once by one of the same number', async () => {
  const { forked, pool, clock } = await started(2)
  await clock.advance(60_000)
  forked[1]!.die('SIGKILL')
  await clock.advance()
  expect(forked.map(({ worker }) => worker)).toEqual([1, 2, 2])
  expect(pool).toMatchObject({ size: 2, replaced: 1 })
})

test('one that dies at once, again and again, is replaced ever more slowly, but is replaced', async () => {
  const { forked, clock } = await started(1)
  const pauses: number[] = []
  for (let i = 0; i < 9; i++) {
    forked.at(-1)!.die('exit code 1')
    await clock.advance()
    const before = forked.length
    const since = clock.now()
    if (forked.length === i + 1) while (forked.length === before) await clock.advance(100)
    pauses.push(clock.now() - since)
  }
  expect(pauses).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
  forked.at(-1)!.start()
  await clock.advance(10_000)
  forked.at(-1)!.die('SIGKILL')
  await clock.advance()
  expect(forked).toHaveLength(11)
})

test('the pause before a worker is replaced has a bound, however often it died', () => {
  expect([0, 1, 2, 3, 7, 1_000, 1e9].map(pauseBefore)).toEqual([0, 0, 500, 1_000, 15_000, 15_000, 15_000])
})

test('stopped, it drains every worker and replaces none', async () => {
  const { forked, pool, clock } = await started(2)
  const stopping = pool.stop(7_000)
  expect(forked.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM']])
  for (const process of forked) process.die('exit code 0')
  await stopping
  await clock.advance(60_000)
  expect(forked).toHaveLength(2)
  expect(clock.timers).toBe(0)
})

test('a worker that does not drain in time is ended', async () => {
  const { forked, pool, clock } = await started(2)
  const stopping = pool.stop(7_000)
  forked[0]!.die('exit code 0')
  await clock.advance(6_999)
  expect(forked[1]!.signals).toEqual(['SIGTERM'])
  await clock.advance(1)
  await stopping
  expect(forked[1]!.signals).toEqual(['SIGTERM', 'SIGKILL'])
})

test('stopped while one waits to be replaced, it does not wait for it', async () => {
  const { forked, pool, clock } = await started(1)
  for (let i = 0; i < 2; i++) {
    forked.at(-1)!.die('exit code 1')
    await clock.advance()
  }
  expect(pool.size).toBe(0)
  await pool.stop(7_000)
  await clock.advance(60_000)
  expect(forked).toHaveLength(2)
  expect(clock.timers).toBe(0)
})
