import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decode } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { signToken } from '../auth/index.js'
import { systemClock } from '../clock.js'
import { createHeadcount, type HeadcountOptions } from '../headcount.js'
import { type Crowd, type CrowdOptions, createCrowd } from './crowd.js'
import type { Progress } from './register.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

const secret = 'a secret that is long enough for tests'

/** A whole server on a port. */
async function serve(options: HeadcountOptions = {}, port = 0) {
  const server = createServer()
  const headcount = createHeadcount({ auth: { secret }, ...options })
  headcount.attach(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    await headcount.close()
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  undo.push(close)
  return { headcount, close, port: (server.address() as AddressInfo).port, server }
}

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

function crowdOn(port: number, options: Partial<CrowdOptions> = {}): Crowd {
  const crowd = createCrowd({
    url: `ws://127.0.0.1:${port}`,
    topic: 'video:42',
    viewers: 0,
    users: 0,
    churn: 0,
    signToken: (user) => signToken(secret, user, { expires: 60_000 }),
    random: seeded(7),
    clock: systemClock,
    ...options,
  })
  undo.push(() => crowd.stop())
  return crowd
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('expected the condition within 10 s, got none')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const counts = (users: number, viewers: number) => ({ users: { count: users }, viewers: { count: viewers } })
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

test('a crowd is counted as so many viewers and so many users, each user another person', async () => {
  const { headcount, port } = await serve({ unit: 'people' })
  const crowd = crowdOn(port, { viewers: 30, users: 12 })
  crowd.start()
  await until(async () => same(await headcount.counts('video:42'), counts(12, 30)))
  await until(() => same(crowd.here, { viewers: 30, users: 12 }))
})

test('says how it is doing, with the counts that its members were told', async () => {
  const { port } = await serve()
  const crowd = crowdOn(port, { viewers: 5, users: 2 })
  const told: Progress[] = []
  const off = crowd.on('progress', (progress) => told.push(progress))
  crowd.start()
  await until(() => same(told.at(-1)?.counts, counts(2, 5)))
  expect(told.at(-1)).toMatchObject({
    wanted: { viewers: 5, users: 2 },
    here: { viewers: 5, users: 2 },
    joins: 7,
    leaves: 0,
    failures: 0,
  })
  off()
  const heard = told.length
  await crowd.stop()
  expect(told.length).toBe(heard)
})

test('grows and shrinks to what it is resized to, down to nobody and up again', async () => {
  const { headcount, port } = await serve()
  const crowd = crowdOn(port)
  crowd.start()
  for (const [users, viewers] of [
    [0, 10],
    [5, 20],
    [1, 2],
    [0, 0],
    [3, 0],
  ] as const) {
    crowd.resize({ viewers, users })
    expect(crowd.wanted).toEqual({ viewers, users })
    await until(async () => same(await headcount.counts('video:42'), counts(users, viewers)))
  }
})

test('churn makes people leave and come back, and the same number is wanted all along', async () => {
  const { headcount, port } = await serve()
  const crowd = crowdOn(port, { viewers: 40, users: 10, churn: 0.5 })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  crowd.start()
  await until(() => (last?.leaves ?? 0) >= 25 && (last?.joins ?? 0) >= 65)
  expect(last?.failures).toBe(0)
  expect(last?.wanted).toEqual({ viewers: 40, users: 10 })
  await crowd.stop()
  await until(async () => same(await headcount.counts('video:42'), counts(0, 0)))
})

test('comes back by itself when the server has restarted', async () => {
  const first = await serve()
  const crowd = crowdOn(first.port, { viewers: 20, users: 5 })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  crowd.start()
  await until(() => same(last?.counts, counts(5, 20)))
  await first.close()
  await until(() => same(last?.here, { viewers: 0, users: 0 }) && last?.reason === 'ECONNREFUSED')
  expect(last?.counts).toBeUndefined()
  const second = await serve({}, first.port)
  await until(async () => same(await second.headcount.counts('video:42'), counts(5, 20)))
})

test('opens no more sockets a second than its rate', async () => {
  const { server, port } = await serve()
  let opened = 0
  server.on('upgrade', () => opened++)
  const clock = new FakeClock()
  const crowd = crowdOn(port, { viewers: 100, rate: 20, clock })
  crowd.start()
  for (let ms = 0; ms < 1000; ms += 50) await clock.advance(50)
  await until(() => crowd.here.viewers === 20)
  expect(opened).toBe(20)
  await clock.advance(2000)
  await until(() => crowd.here.viewers === 60)
  expect(opened).toBe(60)
})

test('a process that was held up does not make up for it in a burst', async () => {
  const { server, port } = await serve()
  let opened = 0
  server.on('upgrade', () => opened++)
  let late = 0
  const clock = new FakeClock()
  const crowd = crowdOn(port, {
    viewers: 100,
    rate: 20,
    clock: { now: () => clock.now() + late, after: (ms, act) => clock.after(ms, act), soon: clock.soon },
  })
  crowd.start()
  late = 60_000
  await clock.advance(50)
  await until(() => crowd.here.viewers === 20)
  expect(opened).toBe(20)
})

test('stopping closes every socket and leaves no timer', async () => {
  const { headcount, server, port } = await serve()
  const clock = new FakeClock()
  const crowd = crowdOn(port, { viewers: 15, users: 5, clock })
  crowd.start()
  await until(async () => {
    await clock.advance(50)
    return same(crowd.here, { viewers: 15, users: 5 })
  })
  await crowd.stop()
  expect(clock.timers).toBe(0)
  expect(crowd.here).toEqual({ viewers: 0, users: 0 })
  await until(async () => same(await headcount.counts('video:42'), counts(0, 0)))
  const connections = () => new Promise<number>((done) => server.getConnections((_, count) => done(count)))
  await until(async () => (await connections()) === 0)
})

/** A server that is not ours: hears every frame and answers what the test says. */
async function stranger(answer: (frame: string) => readonly string[]) {
  const heard: string[] = []
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(sockets, 'listening')
  undo.push(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      heard.push(String(data))
      for (const text of answer(String(data))) socket.send(text)
    })
  })
  return { heard, port: (sockets.address() as AddressInfo).port }
}

test('beats within half a minute, and gives up a socket whose beat is not answered', async () => {
  let answers = true
  let beats = 0
  const { heard, port } = await stranger((text) => {
    const { joinRef, ref, topic, event } = decode(2, text)
    if (event === 'heartbeat') beats++
    const reply = [joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]
    // Told after the reply, so whoever knows this has had that.
    const state = [joinRef, null, 'video:42', 'presence_state', { beats: { count: beats } }]
    return answers ? [JSON.stringify(reply), JSON.stringify(state)] : []
  })
  const clock = new FakeClock()
  const crowd = crowdOn(port, { viewers: 1, clock })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  crowd.start()
  for (const expected of [0, 1, 2, 3]) {
    if (expected > 0) await clock.advance(30_000)
    await until(async () => {
      await clock.advance(50)
      return same(last?.counts, { beats: { count: expected } })
    })
  }
  expect(decode(2, heard[0]!)).toMatchObject({ topic: 'video:42', event: 'phx_join' })
  expect(decode(2, heard[3]!)).toMatchObject({ joinRef: null, topic: 'phoenix', event: 'heartbeat' })
  expect(heard.length).toBe(4)
  expect(last?.failures).toBe(0)
  answers = false
  await until(async () => {
    await clock.advance(1000)
    return (last?.failures ?? 0) > 0
  })
  expect(last?.reason).toBe('no answer to a heartbeat')
})

test('a join that is refused is tried again more and more seldom, and says why', async () => {
  const { server, port } = await serve({ topics: ['room:*'] })
  let opened = 0
  server.on('upgrade', () => opened++)
  const clock = new FakeClock()
  const crowd = crowdOn(port, { viewers: 1, clock })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  crowd.start()
  await until(async () => {
    await clock.advance(250)
    return (last?.failures ?? 0) >= 6
  })
  expect(last?.reason).toBe('join refused: unmatched topic')
  const before = opened
  await clock.advance(2_000)
  expect(opened - before).toBeLessThanOrEqual(1)
})

test('a server that speaks something else is a failure, not a crash', async () => {
  const { port } = await stranger(() => ['hello'])
  const crowd = crowdOn(port, { viewers: 3 })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  crowd.start()
  await until(() => (last?.failures ?? 0) >= 3)
  expect(last?.reason).toBe('expected a JSON frame, got text that is no JSON')
  expect(last?.here).toEqual({ viewers: 0, users: 0 })
})

test('a token that cannot be signed is a failure, not a crash', async () => {
  const { port } = await serve()
  const crowd = crowdOn(port, {
    users: 1,
    signToken: async () => {
      throw new Error('no key')
    },
  })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  crowd.start()
  await until(() => last?.reason === 'no key')
})

test('a size, a churn or users that cannot be are told at once', async () => {
  const crowd = crowdOn(1)
  for (const size of [
    { viewers: 5_000, users: 1 },
    { viewers: -1, users: 0 },
    { viewers: 1.5, users: 0 },
    { viewers: Number.NaN, users: 0 },
  ]) {
    expect(() => crowd.resize(size)).toThrow(expect.objectContaining({ code: 'bad_option' }))
  }
  expect(crowd.wanted).toEqual({ viewers: 0, users: 0 })
  expect(() => crowdOn(1, { churn: 1.1 })).toThrow('crowd churn: expected 0 to 1, got 1.1')
  expect(() => crowdOn(1, { users: 3, signToken: undefined })).toThrow(
    'crowd users: expected 0 without signToken, got 3',
  )
})
