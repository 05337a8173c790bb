import { expect, test } from 'vitest'
import { counts, TestServer } from '../test/test-server.js'

const limits = { pingAfter: 25_000, pongTimeout: 10_000 }

test('a silent socket is sent one ping after 25 s, and is closed with 1002 within 36 s', async () => {
  const server = await TestServer.open({ limits })
  const ada = server.connect()
  ada.join('a')
  await server.clock.advance(23_900)
  expect(ada.pings).toBe(0)
  await server.clock.advance(2100)
  expect(ada.pings).toBe(1)
  await server.clock.advance(8000)
  expect(ada.closedWith).toBeUndefined()
  await server.clock.advance(2000)
  expect(ada.pings).toBe(1)
  expect(ada.closedWith).toEqual({ code: 1002, reason: 'nothing received for 35000 ms' })
  await server.clock.advance(100)
  expect(await server.committed('a')).toEqual(counts(0, 0))
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

test('a single byte of a frame is a sign of life', async () => {
  const server = await TestServer.open({ limits })
  const ada = server.connect()
  for (let i = 0; i < 10; i++) {
    ada.socket.received(1)
    await server.clock.advance(20_000)
  }
  expect(ada.pings).toBe(0)
  expect(ada.closedWith).toBeUndefined()
})

test('time in which the server reads nothing is not held against the client', async () => {
  let answer: (allowed: boolean) => void = () => {}
  const authorize = () => new Promise<boolean>((resolve) => (answer = resolve))
  const server = await TestServer.open({ limits, authorize })
  const ada = server.connect()
  ada.join('a')
  await server.clock.advance(120_000)
  expect(ada.closedWith).toBeUndefined()
  answer(true)
  await server.clock.advance(20_000)
  expect(ada.closedWith).toBeUndefined()
})

test('a process that stood still closes no socket for the silence of that time', async () => {
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
