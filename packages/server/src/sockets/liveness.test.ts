import { random } from '@headcount/testing'
import { expect, test } from 'vitest'
import { counts, TestServer } from '../test/test-server.js'

const limits = { pingAfter: 25_000, pongTimeout: 10_000 }

test('a silent socket is sent one ping after 25 s, and is closed with 1002 within 36 s', async () => {
  const server = await TestServer.open({ limits })
  const ada = server.joining('a')
  await server.clock.advance(23_900)
  expect(ada.pings).toBe(0)
  await server.clock.advance(2100)
  expect(ada.pings).toBe(1)
  await server.clock.advance(8000)
  expect(ada.closedWith).toBeUndefined()
  await server.clock.advance(2000)
  expect(ada.pings).toBe(1)
  expect(ada.closedWith).toEqual({ code: 1002, reason: 'nothing received for 35000 ms' })
  expect(await server.committed('a', { after: 100 })).toEqual(counts(0, 0))
})

test('a socket that answers pings and sends nothing else stays for five minutes', async () => {
  const server = await TestServer.open({ limits })
  const ada = server.connect()
  for (let second = 0; second < 300; second++) {
    const before = ada.pings
    await server.clock.advance(1000)
    if (ada.pings > before) ada.socket.received(6)
  }
  expect(ada.closedWith).toBeUndefined()
  expect(ada.pings).toBe(12)
})

test('a single byte of a frame counts as activity', async () => {
  const server = await TestServer.open({ limits })
  const ada = server.connect()
  for (let i = 0; i < 10; i++) {
    ada.socket.received(1)
    await server.clock.advance(20_000)
  }
  expect(ada.pings).toBe(0)
  expect(ada.closedWith).toBeUndefined()
})

test('time in which the server reads nothing does not count as silence', async () => {
  const authorize = () => new Promise<boolean>(() => {})
  const server = await TestServer.open({ limits, authorize })
  const ada = server.connect()
  // Each is answered 10 s after the one before.
  for (let i = 0; i < 12; i++) ada.join(`a:${i}`)
  await server.clock.advance(120_000)
  expect(ada.closedWith).toBeUndefined()
  await server.clock.advance(20_000)
  expect(ada.closedWith).toBeUndefined()
})

test('seconds in which a client over a limit is not read do not count as silence', async () => {
  const server = await TestServer.open({ limits: { pingAfter: 2000, pongTimeout: 1000, messagesPerSecond: 1 } })
  const ada = server.connect()
  ada.socket.received(100)
  // One waiting frame is read in each second.
  for (let second = 0; second < 8; second++) {
    ada.socket.frame()
    await server.clock.advance(1000)
  }
  expect(ada.closedWith).toBeUndefined()
  await server.clock.advance(4000)
  expect(ada.closedWith?.code).toBe(1002)
})

test('time in which the process was blocked does not count as silence', async () => {
  const server = await TestServer.open({ limits })
  const ada = server.connect()
  await server.clock.advance(20_000)
  server.clock.jump(600_000)
  await server.clock.advance(1)
  expect(ada.closedWith).toBeUndefined()
  ada.socket.received(1)
  await server.clock.advance(20_000)
  expect(ada.closedWith).toBeUndefined()
})

test.each([0, 1, 500, 999])('a client that is silent %i ms into a second is closed 34 to 36 s later', async (ms) => {
  const server = await TestServer.open({ limits })
  const ada = server.connect()
  await server.clock.advance(7000 + ms)
  ada.socket.received(1)
  await server.clock.advance(33_999)
  expect(ada.pings).toBe(1)
  expect(ada.closedWith).toBeUndefined()
  await server.clock.advance(2001)
  expect(ada.closedWith?.code).toBe(1002)
})

test('a silent client is closed within 36 s even if every timer is late', async () => {
  const server = await TestServer.open({ limits })
  const { clock } = server
  const after = clock.after.bind(clock)
  clock.after = (ms, callback) => after(ms + 300, callback)
  const ada = server.connect()
  await clock.advance(36_000)
  expect(ada.closedWith?.code).toBe(1002)
})

test('a token that expired while the process was blocked is dropped a second later', async () => {
  const server = await TestServer.open({ limits, expiredToken: 'close' })
  const ada = server.connect({ userId: 'ada', expiresIn: 600_000 })
  await server.clock.advance(2500)
  server.clock.jump(598_000)
  await server.clock.advance(1000)
  expect(ada.closedWith?.reason).toBe('the token has expired')
})

test.each([
  [1000, 10_000],
  [2000, 2000],
  [5000, 3000],
])('a client that answers every ping is sent one every %i ms, with %i ms to answer', async (pingAfter, pongTimeout) => {
  const server = await TestServer.open({ limits: { pingAfter, pongTimeout } })
  const ada = server.connect()
  for (let answered = 0, second = 0; second < 60; second++) {
    await server.clock.advance(1000)
    for (; answered < ada.pings; answered++) ada.socket.received(1)
  }
  expect(ada.closedWith).toBeUndefined()
  expect(ada.pings).toBe(60_000 / pingAfter)
})

test('in random schedules, pings and closes match a simple count of silent seconds', async () => {
  const { chance } = random(7)
  const answers = new Map<string, () => void>()
  const unchecked = { kind: 'unchecked' } as const
  const authenticate = (token: string | null) =>
    new Promise<typeof unchecked>((resolve) => answers.set(String(token), () => resolve(unchecked)))
  const server = await TestServer.open({ limits: { pingAfter: 5000, pongTimeout: 3000 }, authenticate })
  const open = () => ({ client: server.connect(), silent: 0, pings: 0 })
  const all = Array.from({ length: 20 }, open)
  let closed = 0
  for (let second = 0; second < 500; second++) {
    for (const [i, one] of all.entries()) {
      const token = String(i)
      if (answers.has(token)) {
        if (chance(0.8)) continue
        answers.get(token)!()
        answers.delete(token)
      } else if (chance(0.1)) {
        one.silent = 0
        // The server reads on when it has the answer.
        if (chance(0.3)) one.client.push('phoenix', 'token', { token })
        else one.client.socket.received(1)
      }
    }
    await server.clock.advance()
    const hasStoodStill = chance(0.05)
    if (hasStoodStill) server.clock.jump(10_000)
    await server.clock.advance(hasStoodStill ? 0 : 1000)
    for (const [i, one] of all.entries()) {
      const { client } = one
      if (!answers.has(String(i))) one.silent += 1
      if (!answers.has(String(i)) && one.silent === 5) one.pings += 1
      const mustClose = one.silent === 8
      expect([client.pings, client.closedWith !== undefined]).toEqual([one.pings, mustClose])
      if (!mustClose) continue
      all[i] = open()
      closed += 1
    }
  }
  expect(closed).toBeGreaterThan(100)
})

test('one timer serves all sockets, and there is none while no socket is open', async () => {
  const server = await TestServer.open()
  const idle = server.clock.timers
  const clients = [server.connect(), server.connect(), server.connect()]
  await server.clock.advance(5000)
  expect(server.clock.timers).toBe(idle + 1)
  for (const client of clients) client.disconnect()
  await server.clock.advance(1000)
  expect(server.clock.timers).toBe(idle)
  server.connect()
  expect(server.clock.timers).toBe(idle + 1)
})
