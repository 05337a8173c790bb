import type { HeadcountOptions } from '@headcount/server'
import { counts } from '@headcount/server'
import { FakeClock, startHeadcount, until } from '@headcount/testing'
import { afterEach, describe, expect, test } from 'vitest'
import type { CrowdOptions } from './crowd.js'
import { crowdOn, crowdSecret, untilEqual } from './test-crowd.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

async function start(options: HeadcountOptions = {}, port = 0) {
  const server = await startHeadcount({ auth: { secret: crowdSecret }, ...options }, port)
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= server.stop()
    return stopped
  }
  undo.push(stop)
  let opened = 0
  server.server.on('connection', () => opened++)
  const counted = () => server.headcount.counts('video:42')
  return { ...server, stop, counted, opened: () => opened }
}

function come(port: number, options: Partial<CrowdOptions> = {}) {
  const watched = crowdOn(port, options)
  undo.push(() => watched.crowd.stop())
  watched.crowd.start()
  return watched
}

const nobody = { viewers: 0, users: 0 }

test('a crowd is counted as so many viewers and so many users, each user another person', async () => {
  const { counted, port } = await start({ unit: 'people' })
  const { crowd } = come(port, { viewers: 30, users: 12 })
  await untilEqual(counts(12, 30), counted)
  await untilEqual({ viewers: 30, users: 12 }, () => crowd.here)
})

test('says how it is doing, with the counts that its members were told', async () => {
  const { port } = await start()
  const { crowd, progress } = come(port, { viewers: 5, users: 2 })
  let heard = 0
  const off = crowd.on('progress', () => heard++)
  await untilEqual(counts(2, 5), () => progress()?.counts)
  expect(progress()).toEqual({
    wanted: { viewers: 5, users: 2 },
    here: { viewers: 5, users: 2 },
    counts: counts(2, 5),
    joins: 7,
    leaves: 0,
    failures: 0,
    reason: undefined,
  })
  off()
  const before = heard
  await crowd.stop()
  expect(heard).toBe(before)
  expect(progress()).toMatchObject({ here: nobody, leaves: 7, counts: undefined })
})

test('grows and shrinks to what it is resized to, down to nobody and up again', async () => {
  const { counted, port } = await start()
  const { crowd } = come(port)
  for (const [users, viewers] of [
    [0, 10],
    [5, 20],
    [1, 2],
    [0, 0],
    [3, 0],
  ] as const) {
    crowd.resize({ viewers, users })
    expect(crowd.wanted).toEqual({ viewers, users })
    await untilEqual(counts(users, viewers), counted)
  }
})

test('churn makes people leave and come back, and as many are wanted all along', async () => {
  const { counted, port } = await start()
  const { crowd, progress } = come(port, { viewers: 40, users: 10, churn: 0.5 })
  await until('25 to have left and 65 to have joined', () => {
    const { joins = 0, leaves = 0 } = progress() ?? {}
    return leaves >= 25 && joins >= 65
  })
  expect(progress()).toMatchObject({ failures: 0, wanted: { viewers: 40, users: 10 } })
  await crowd.stop()
  await untilEqual(counts(0, 0), counted)
})

test('comes back by itself when the server has restarted', async () => {
  const first = await start()
  const { progress } = come(first.port, { viewers: 20, users: 5 })
  await untilEqual(counts(5, 20), () => progress()?.counts)
  await first.stop()
  await untilEqual([nobody, 'ECONNREFUSED'], () => [progress()?.here, progress()?.reason])
  expect(progress()?.counts).toBeUndefined()
  const second = await start({}, first.port)
  await untilEqual(counts(5, 20), second.counted)
})

test('stopping closes every socket and leaves no timer', async () => {
  const { counted, server, port } = await start()
  const clock = new FakeClock()
  const { crowd } = come(port, { viewers: 15, users: 5, clock })
  await untilEqual({ viewers: 15, users: 5 }, async () => {
    await clock.advance(50)
    return crowd.here
  })
  await crowd.stop()
  expect(clock.timers).toBe(0)
  expect(crowd.here).toEqual(nobody)
  await untilEqual(counts(0, 0), counted)
  await untilEqual(0, () => new Promise((done) => server.getConnections((_, open) => done(open))))
})

describe('the rate', () => {
  test('is the most sockets that are opened a second', async () => {
    const { opened, port } = await start()
    const clock = new FakeClock()
    const { crowd } = come(port, { viewers: 100, rate: 20, clock })
    for (let ms = 0; ms < 1000; ms += 50) await clock.advance(50)
    await untilEqual(20, () => crowd.here.viewers)
    expect(opened()).toBe(20)
    await clock.advance(2000)
    await untilEqual(60, () => crowd.here.viewers)
    expect(opened()).toBe(60)
  })

  test('is not made up for by a process that was held up', async () => {
    const { opened, port } = await start()
    let late = 0
    const clock = new FakeClock()
    const { crowd } = come(port, {
      viewers: 100,
      rate: 20,
      clock: { now: () => clock.now() + late, after: (ms, act) => clock.after(ms, act), soon: clock.soon },
    })
    late = 60_000
    await clock.advance(50)
    await untilEqual(20, () => crowd.here.viewers)
    expect(opened()).toBe(20)
  })
})

test('a size, a churn or users that cannot be are told at once', () => {
  const { crowd } = crowdOn(1)
  for (const size of [
    { viewers: 5_000, users: 1 },
    { viewers: -1, users: 0 },
    { viewers: 1.5, users: 0 },
    { viewers: Number.NaN, users: 0 },
  ]) {
    expect(() => crowd.resize(size)).toThrow(expect.objectContaining({ code: 'bad_option' }))
  }
  expect(crowd.wanted).toEqual(nobody)
  expect(() => crowdOn(1, { churn: 1.1 })).toThrow('crowd churn: expected 0 to 1, got 1.1')
  expect(() => crowdOn(1, { users: 3, signToken: undefined })).toThrow(
    'crowd users: expected 0 without signToken, got 3',
  )
})
