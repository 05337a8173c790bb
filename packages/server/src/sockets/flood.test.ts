import { describe, expect, test } from 'vitest'
import type { FakeClient } from '../test/fake-client.js'
import { TestServer } from '../test/test-server.js'

const limits = { messagesPerSecond: 10, bytesPerSecond: 10_000 }

describe.each([
  ['frames', (socket: { frame(): void }) => socket.frame(), 10],
  ['bytes', (socket: { received(bytes: number): void }) => socket.received(1000), 10],
] as const)('a client that sends too many %s', (_, send, most) => {
  async function flood(seconds: number) {
    const server = await TestServer.open({ limits })
    const ada = server.connect()
    for (let second = 0; second < seconds; second++) {
      for (let i = 0; i < most; i++) send(ada.socket)
      expect(ada.isPaused).toBe(true)
      await server.clock.advance(1000)
    }
    return { server, ada }
  }

  test('is read again in the next second', async () => {
    const { ada } = await flood(9)
    expect(ada.isPaused).toBe(false)
    expect(ada.closedWith).toBeUndefined()
  })

  test('for ten seconds in a row is closed with 1008', async () => {
    const { ada } = await flood(10)
    expect(ada.closedWith).toEqual({
      code: 1008,
      reason: 'sends more than 10 frames, 10000 bytes, 200 joins or 10 tokens a second',
    })
  })

  test('for nine seconds, and again after a quiet one, is not closed', async () => {
    const { server, ada } = await flood(9)
    await server.clock.advance(1000)
    for (let i = 0; i < most; i++) send(ada.socket)
    await server.clock.advance(1000)
    expect(ada.closedWith).toBeUndefined()
  })
})

test('a topic over the limit is refused without being echoed', async () => {
  const server = await TestServer.open({ limits: { topicBytes: 20 } })
  const ada = server.connect()
  const topic = 'x'.repeat(2000)
  ada.join(topic)
  ada.push(topic, 'shout')
  ada.leave(topic)
  await server.clock.advance(10)
  expect(ada.received.map((message) => message.topic)).toEqual(['phoenix', 'phoenix', 'phoenix'])
  expect(ada.received[0]?.payload).toEqual({ status: 'error', response: { reason: 'unmatched topic' } })
  expect(ada.closedWith).toBeUndefined()
})

test('nothing more is read from a client that does not read its replies', async () => {
  const server = await TestServer.open({ limits: { backlogBytes: 1000 } })
  const ada = server.connect()
  ada.stall()
  for (let i = 0; i < 100; i++) {
    ada.push('phoenix', 'heartbeat')
    await server.clock.advance(1)
  }
  expect(ada.isPaused).toBe(true)
  expect(ada.backlog).toBeLessThan(1200)
  ada.unstall()
  await server.clock.advance(10)
  expect(ada.isPaused).toBe(false)
  expect(ada.events('phx_reply')).toHaveLength(100)
})

test('a client that reads nothing of its backlog is closed after a minute, and a slow one is not', async () => {
  const server = await TestServer.open({ limits: { pingAfter: 1e9 } })
  const [stuck, slow] = [server.connect(), server.connect()]
  for (const client of [stuck, slow]) client.push('phoenix', 'heartbeat')
  for (let second = 0; second < 61; second++) {
    stuck.backlog = 5000
    slow.backlog = 5000 - second
    await server.clock.advance(1000)
  }
  expect(stuck.closedWith).toEqual({ code: 1008, reason: 'the client reads too slowly' })
  expect(slow.closedWith).toBeUndefined()
})

test('a silent client that does not read broadcasts is closed after a minute', async () => {
  const server = await TestServer.open({ limits: { pingAfter: 1e9 } })
  const stuck = server.joining('lobby')
  await server.clock.advance(5000)
  stuck.stall()
  server.connect().join('lobby')
  await server.clock.advance(62_500)
  expect(stuck.closedWith).toEqual({ code: 1008, reason: 'the client reads too slowly' })
})

test('a client that does not read the pongs for its own pings is closed a minute later', async () => {
  const server = await TestServer.open()
  const stuck = server.connect()
  stuck.backlog = 5000
  stuck.socket.received(6)
  for (let second = 0; second < 61; second++) {
    await server.clock.advance(1000)
    if (second % 20 === 0) stuck.socket.received(6)
  }
  expect(stuck.closedWith).toEqual({ code: 1008, reason: 'the client reads too slowly' })
})

test('when all backlogs together exceed the limit, the sockets with the largest are closed', async () => {
  const server = await TestServer.open({ limits: { totalBacklogBytes: 10_000 } })
  const sizes = [0, 100, 200, 3000, 4000, 5000]
  const clients = sizes.map(() => server.connect())
  for (const client of clients) client.push('phoenix', 'heartbeat')
  for (const [i, client] of clients.entries()) client.backlog = sizes[i]!
  await server.clock.advance(1000)
  const closed = clients.map(({ closedWith }) => closedWith?.code)
  expect(closed).toEqual([undefined, undefined, undefined, undefined, 1008, 1008])
})

test('a client whose messages arrive in one chunk lets others go first after sixteen, and then continues', async () => {
  const server = await TestServer.open()
  const [ada, bob] = [server.connect(), server.connect()]
  const refs = Array.from({ length: 40 }, () => ada.push('phoenix', 'heartbeat'))
  expect(ada.isPaused).toBe(true)
  bob.push('phoenix', 'heartbeat')
  expect(bob.isPaused).toBe(false)
  server.clock.soon(() => expect([ada.received.length, bob.received.length]).toEqual([16, 1]))
  await server.clock.advance()
  expect(ada.received.map(({ ref }) => ref)).toEqual(refs)
  expect(ada.isPaused).toBe(false)
})

test('a client lets others go first after a long message', async () => {
  const server = await TestServer.open()
  const ada = server.connect()
  ada.push('a', 'push', 'x'.repeat(900))
  expect(ada.isPaused).toBe(false)
  ada.push('a', 'push', 'x'.repeat(1_100))
  expect(ada.isPaused).toBe(true)
  await server.clock.advance()
  expect(ada.isPaused).toBe(false)
  expect(ada.received).toHaveLength(2)
})

test.each([
  ['join', { authorize: async () => true }, (client: FakeClient) => client.join('a')],
  ['token', {}, (client: FakeClient) => client.push('phoenix', 'token', { token: 'forged' })],
] as const)('a client lets others go first after a %s that was verified', async (_, options, send) => {
  const server = await TestServer.open(options)
  const ada = server.connect()
  send(ada)
  await new Promise(setImmediate)
  expect(ada.isPaused).toBe(true)
  await server.clock.advance()
  expect(ada.isPaused).toBe(false)
})

test('a client that is closed while others go first is not read further', async () => {
  const server = await TestServer.open()
  const ada = server.connect()
  for (let i = 0; i < 20; i++) ada.push('phoenix', 'heartbeat')
  ada.disconnect()
  await server.clock.advance()
  expect(ada.received).toHaveLength(16)
  await server.stop()
  expect(server.clock.timers).toBe(0)
})
