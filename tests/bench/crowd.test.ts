import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { FakeClock, random, until } from '@headcount/testing'
import { type CrowdOptions, createCrowd } from '@headcount/tools/load/crowd.mjs'
import { systemClock } from '@headcount/tools/load/time.mjs'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { type Message, phoenixServer } from './phoenix-server.js'

const secret = 'a secret that is long enough for tests'
const topic = 'video:42'

async function start(options: Partial<HeadcountOptions> = {}, port = 0) {
  const running = await serveEmbedded((more) => createHeadcount({ auth: { secret }, ...more, ...options }), port)
  let opened = 0
  running.server.on('connection', () => opened++)
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= running.stop())
  onTestFinished(stop)
  const counted = async () => {
    const { users, viewers } = await running.headcount.counts(topic)
    return { users: users!.count, viewers: viewers!.count }
  }
  return { url: running.url.replace('http', 'ws'), port: running.port, stop, counted, opened: () => opened }
}

function crowdAt(url: string, options: Partial<CrowdOptions> = {}) {
  const signToken = (user: string) => tokenFor(secret, user)
  const defaults = { viewers: 0, users: 0, churn: 0, random: random(7).next, clock: systemClock }
  const crowd = createCrowd({ url, topic, signToken, ...defaults, ...options })
  onTestFinished(() => crowd.stop())
  return crowd
}

/** Waits until `probe` returns `wanted`, and advances the fake clock. */
async function untilEqual(wanted: unknown, probe: () => unknown, clock?: FakeClock) {
  let got: unknown
  const same = async () => {
    await clock?.advance(50)
    got = await probe()
    return JSON.stringify(got) === JSON.stringify(wanted)
  }
  await until(JSON.stringify(wanted), same, { got: () => got })
}

const ok = ([joinRef, ref, to]: Message) => [joinRef, ref, to, 'phx_reply', { status: 'ok', response: {} }]

test('a crowd has a number of viewers and users, each a different person', async () => {
  const { url, counted } = await start({ unit: 'people' })
  const crowd = crowdAt(url, { viewers: 30, users: 12 })
  await untilEqual({ users: 12, viewers: 30 }, counted)
  await untilEqual({ users: { count: 12 }, viewers: { count: 30 } }, () => crowd.progress().counts)
  const here = { viewers: 30, users: 12 }
  expect(crowd.progress()).toMatchObject({ wanted: here, here, joins: 42, leaves: 0, failures: 0 })
})

test('it grows and shrinks to any size, and leaves when it is stopped', async () => {
  const { url, counted } = await start()
  const crowd = crowdAt(url)
  for (const [users, viewers] of [
    [5, 20],
    [1, 2],
    [0, 0],
    [3, 0],
  ] as const) {
    crowd.resize({ users, viewers })
    await untilEqual({ users, viewers }, counted)
  }
  await crowd.stop()
  await untilEqual({ users: 0, viewers: 0 }, counted)
})

test('it leaves no timer when it is stopped', async () => {
  const { url } = await start()
  const clock = new FakeClock()
  const crowd = crowdAt(url, { viewers: 15, users: 5, clock })
  await untilEqual({ viewers: 15, users: 5 }, () => crowd.here, clock)
  await crowd.stop()
  expect(clock.timers).toBe(0)
})

test('when it churns, members leave and return', async () => {
  const { url } = await start()
  const crowd = crowdAt(url, { viewers: 40, users: 10, churn: 0.5 })
  await until('25 leaves and 65 joins', () => crowd.progress().leaves >= 25 && crowd.progress().joins >= 65)
  expect(crowd.progress()).toMatchObject({ failures: 0, wanted: { viewers: 40, users: 10 } })
})

test('it reconnects when the server has restarted', async () => {
  const first = await start()
  const crowd = crowdAt(first.url, { viewers: 20, users: 5 })
  await untilEqual({ users: 5, viewers: 20 }, first.counted)
  await first.stop()
  await untilEqual([{ viewers: 0, users: 0 }, 'ECONNREFUSED'], () => [crowd.here, crowd.progress().reason])
  const second = await start({}, first.port)
  await untilEqual({ users: 5, viewers: 20 }, second.counted)
})

test('it opens no more connections per second than its rate, even after a suspension', async () => {
  const { url, opened } = await start()
  const clock = new FakeClock()
  let suspended = 0
  const late = { now: () => clock.now() + suspended, after: clock.after.bind(clock) }
  const crowd = crowdAt(url, { viewers: 100, rate: 20, clock: late })
  const allHere = () => crowd.here.viewers === opened()
  for (let ms = 0; ms < 1000; ms += 50) await clock.advance(50)
  await until('all connections to have joined', () => opened() >= 19 && allHere())
  expect(opened()).toBeLessThanOrEqual(20)
  suspended = 60_000
  await clock.advance(50)
  await until('all connections to have joined', () => opened() >= 39 && allHere())
  expect(opened()).toBeLessThanOrEqual(41)
})

test('an invalid size or churn, and users without tokens, are refused', () => {
  const url = 'ws://127.0.0.1:1'
  const crowd = crowdAt(url)
  for (const viewers of [-1, 1.5, Number.NaN]) expect(() => crowd.resize({ viewers, users: 0 })).toThrow(RangeError)
  expect(crowd.wanted).toEqual({ viewers: 0, users: 0 })
  expect(() => crowdAt(url, { churn: 1.1 })).toThrow('crowd churn: expected 0 to 1, got 1.1')
  expect(() => crowdAt(url, { users: 3, signToken: undefined })).toThrow('expected 0 without signToken, got 3')
})

test('a member sends heartbeats, and reconnects when one is not answered', async () => {
  let answers = true
  const { url, messages } = await phoenixServer((message) => (answers ? [ok(message)] : []))
  const clock = new FakeClock()
  const crowd = crowdAt(url, { viewers: 1, clock })
  await untilEqual(1, () => crowd.here.viewers, clock)
  for (const expected of [1, 2, 3]) {
    await clock.advance(30_000)
    await untilEqual(expected, () => messages.filter(([, , , event]) => event === 'heartbeat').length)
  }
  expect(crowd.progress().failures).toBe(0)
  answers = false
  await untilEqual('no answer to a heartbeat', async () => {
    await clock.advance(1000)
    return crowd.progress().reason
  })
})

test('a member joins again when the server closes its channel', async () => {
  const { url, messages } = await phoenixServer((message) =>
    messages.length === 1 ? [ok(message), [message[0], message[0], topic, 'phx_error', {}]] : [ok(message)],
  )
  const crowd = crowdAt(url, { viewers: 1 })
  await untilEqual([1, 2, 'phx_error'], () => [crowd.here.viewers, messages.length, crowd.progress().reason])
})

test('a member retries a refused join with growing delays', async () => {
  const { url, opened } = await start({ topics: ['room:*'] })
  const clock = new FakeClock()
  const crowd = crowdAt(url, { viewers: 1, clock })
  await until('six failures', async () => {
    await clock.advance(250)
    return crowd.progress().failures >= 6
  })
  expect(crowd.progress().reason).toBe('join refused: unmatched topic')
  const before = opened()
  await clock.advance(2_000)
  expect(opened() - before).toBeLessThanOrEqual(1)
})

test('no answer, an invalid answer, and a token that cannot be signed are failures', async () => {
  const clock = new FakeClock()
  const silent = crowdAt((await phoenixServer(() => [])).url, { viewers: 1, clock })
  await clock.advance(10_500)
  expect(silent.progress()).toMatchObject({ failures: 1, reason: 'no answer in time' })
  const strange = crowdAt((await phoenixServer(() => ['hello'])).url, { viewers: 1 })
  await untilEqual('a frame that could not be read', () => strange.progress().reason)
  const unsigned = crowdAt('ws://127.0.0.1:1', { users: 1, signToken: () => Promise.reject(new Error('no key')) })
  await untilEqual('no key', () => unsigned.progress().reason)
})
