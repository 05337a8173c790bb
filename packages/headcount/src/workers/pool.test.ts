import { silentLogger } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { WorkerPool, type WorkerProcess } from './pool.js'

class FakeProcess implements WorkerProcess {
  readonly pid = 1
  readonly signals: string[] = []
  start!: () => void
  fail!: (error: Error) => void
  exit!: (reason: string) => void
  readonly started = new Promise<void>((resolve, reject) => {
    this.start = resolve
    this.fail = reject
  })
  readonly exited = new Promise<string>((resolve) => {
    this.exit = resolve
  })

  constructor(readonly worker: number) {}

  isStopped = false
  readonly ping = (): Promise<void> => (this.isStopped ? new Promise(() => {}) : Promise.resolve())

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal)
    if (signal === 'SIGKILL') this.exit('SIGKILL')
  }
}

function create(size: number) {
  const clock = new FakeClock()
  const processes: FakeProcess[] = []
  const warnings: object[] = []
  const log = (fields: object, message: string) => void warnings.push({ message, ...fields })
  const pool = new WorkerPool({
    size,
    clock,
    logger: { ...silentLogger, warn: log, error: log },
    fork(worker) {
      const process = new FakeProcess(worker)
      processes.push(process)
      return process
    },
  })
  return { clock, processes, warnings, pool }
}

async function start(size: number) {
  const created = create(size)
  const starting = created.pool.start()
  for (const process of created.processes) process.start()
  await starting
  return created
}

test('the pool has started when the last worker listens', async () => {
  const { processes, pool, clock } = create(3)
  let done = false
  const starting = pool.start().then(() => {
    done = true
  })
  expect(processes.map(({ worker }) => worker)).toEqual([1, 2, 3])
  processes[0]!.start()
  processes[2]!.start()
  await clock.advance(1_000)
  expect(done).toBe(false)
  processes[1]!.start()
  await starting
  expect(pool.size).toBe(3)
})

test.each<[fault: string, cause: (worker: FakeProcess) => void, error: object]>([
  ['cannot start', ({ fail }) => fail(new Error('expected a free port')), { message: 'expected a free port' }],
  [
    'exits before it listens',
    ({ exit }) => exit('exit code 7'),
    { code: 'worker_exited', message: 'worker 2 exited before it listened (exit code 7)' },
  ],
])('a worker that %s fails the start, and all are killed', async (_fault, cause, error) => {
  const { processes, pool, clock } = create(3)
  const rejection = expect(pool.start()).rejects.toMatchObject(error)
  processes[0]!.start()
  cause(processes[1]!)
  await clock.advance()
  await rejection
  for (const process of [processes[0]!, processes[2]!]) expect(process.signals.at(-1)).toBe('SIGKILL')
  await clock.advance(60_000)
  expect(processes).toHaveLength(3)
  expect(clock.timers).toBe(0)
})

test('a worker that exits is restarted at once, and the restart is logged', async () => {
  const { processes, pool, clock, warnings } = await start(2)
  await clock.advance(60_000)
  processes[1]!.exit('SIGKILL')
  await clock.advance()
  expect(processes.map(({ worker }) => worker)).toEqual([1, 2, 2])
  expect(pool).toMatchObject({ size: 2, restarts: 1 })
  expect(warnings).toEqual([
    {
      message: 'worker exited, restarting',
      event: 'worker_exited',
      worker: 2,
      pid: 1,
      reason: 'SIGKILL',
      earlyExits: 0,
      delay: 0,
    },
  ])
})

test('a worker that keeps exiting early is restarted with growing delays, without limit', async () => {
  const { processes, clock, warnings } = await start(1)
  const delays: number[] = []
  for (let i = 0; i < 9; i++) {
    const before = clock.now()
    processes.at(-1)!.exit('exit code 1')
    await clock.advance()
    while (processes.length === i + 1) await clock.advance(100)
    delays.push(clock.now() - before)
  }
  expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
  expect(warnings.at(-1)).toMatchObject({ earlyExits: 9, delay: 15_000 })
  await clock.advance(10_000)
  processes.at(-1)!.exit('SIGKILL')
  await clock.advance()
  expect(processes).toHaveLength(11)
})

test('a worker that stops responding is killed and replaced', async () => {
  const { processes, pool, clock, warnings } = await start(2)
  await clock.advance(60_000)
  processes[0]!.isStopped = true
  await clock.advance(14_000)
  expect(processes.map(({ worker, signals }) => [worker, ...signals])).toEqual([[1, 'SIGKILL'], [2], [1]])
  expect(warnings).toMatchObject([
    { message: 'worker does not respond, killing it', worker: 1, seconds: 10 },
    { message: 'worker exited, restarting', worker: 1, reason: 'SIGKILL', delay: 0 },
  ])
  expect(pool.size).toBe(2)
})

test('stopping drains every worker, kills those that do not drain in time, and restarts none', async () => {
  const { processes, pool, clock } = await start(2)
  const stopping = pool.stop(7_000)
  processes[0]!.exit('exit code 0')
  await clock.advance(6_999)
  expect(processes.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM']])
  await clock.advance(1)
  await stopping
  expect(processes[1]!.signals).toEqual(['SIGTERM', 'SIGKILL'])
  await clock.advance(60_000)
  expect(processes).toHaveLength(2)
  expect(clock.timers).toBe(0)
})

test('stopping does not wait for a pending restart', async () => {
  const { processes, pool, clock } = await start(1)
  for (let i = 0; i < 2; i++) {
    processes.at(-1)!.exit('exit code 1')
    await clock.advance()
  }
  expect(pool.size).toBe(0)
  await pool.stop(7_000)
  await clock.advance(60_000)
  expect(processes).toHaveLength(2)
  expect(clock.timers).toBe(0)
})
