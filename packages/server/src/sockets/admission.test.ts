import { until, WireClient } from '@headcount/testing'
import { expect, test } from 'vitest'
import { events } from '../test/events.js'
import { serve } from '../test/serve.js'
import { counts, TestServer } from '../test/test-server.js'

const overloaded = { status: 'error', response: { reason: 'overloaded' } }

async function serverWith(limits: object) {
  const server = await TestServer.open({ limits })
  const ada = server.joining('a')
  await server.clock.advance(300)
  return { server, ada, admission: server.sockets.context.admission }
}

test('past the limit of channels a join is refused, but a second join of a topic is not', async () => {
  const { server, ada } = await serverWith({ channels: 2 })
  ada.join('b')
  ada.join('c')
  ada.join('a')
  await server.clock.advance(100)
  expect(ada.events('phx_reply').map(({ payload }) => payload)).toContainEqual(overloaded)
  expect(await server.committed('a')).toEqual(counts(0, 1))
  expect(await server.committed('c')).toEqual(counts(0, 0))
  ada.leave('b')
  ada.join('c')
  expect(await server.committed('c', { after: 100 })).toEqual(counts(0, 1))
  ada.disconnect()
  expect(server.sockets.context.admission.channels).toBe(0)
})

test('a client that joins and leaves many topics is refused while twice the limit of topics settle', async () => {
  const { server, ada } = await serverWith({ channels: 10, joinsPerSecond: 1e6, messagesPerSecond: 1e6 })
  for (let i = 0; i < 50; i++) {
    ada.join(`t${i}`)
    ada.leave(`t${i}`)
    await server.clock.advance(10)
  }
  expect(server.replica.watched.size).toBe(20)
  expect(ada.events('phx_reply').map(({ payload }) => payload)).toContainEqual(overloaded)
  await server.clock.advance(2_000)
  ada.join('t')
  expect(await server.committed('t', { after: 100 })).toEqual(counts(0, 1))
})

test.each(['', '&count=false'])('streams of empty topics do not prevent joins%s', async (query) => {
  const served = await serve({ limits: { channels: 10 }, topics: [{ pattern: '*', shield: 5 }] })
  const topics = Array.from({ length: 60 }, (_, i) => `topic=invented-${i}`)
  const { received } = await events(served, topics.join('&') + query)
  await until('the counts of all', () => received.length === 60)
  await (await served.get(`/api/counts?${topics.join('&')}`)).json()
  const client = await WireClient.open(served.url)
  await client.join('lobby')
  expect(await served.metric('channels')).toBe(1)
  client.drop()
})

test('while memory is short, joins and sockets are refused, and open sockets are served', async () => {
  const { server, ada, admission } = await serverWith({ memoryShare: 0.8 })
  server.memory = 0.81
  await server.clock.advance(300)
  expect(admission.handshake(1)).toBe('memory')
  ada.join('b')
  ada.push('phoenix', 'heartbeat')
  await server.clock.advance(10)
  expect(ada.events('phx_reply').map(({ payload }) => payload)).toContainEqual(overloaded)
  expect(ada.replies.at(-1)).toBe('phx_reply 3')
  server.memory = 0.5
  await server.clock.advance(300)
  expect(admission.handshake(1)).toBeUndefined()
})

test('requests are refused before sockets, so that there is memory for those that have arrived', async () => {
  const { server, admission } = await serverWith({ memoryShare: 0.8 })
  for (const [memory, expected] of [
    [0.71, [undefined, undefined]],
    [0.73, ['memory', undefined]],
    [0.81, ['memory', 'memory']],
  ] as const) {
    server.memory = memory
    await server.clock.advance(300)
    expect([admission.request(), admission.handshake(1)]).toEqual(expected)
  }
})

test('while few files are left, sockets are refused and joins are not, even in a burst', async () => {
  const { server, ada, admission } = await serverWith({})
  server.freeFiles = () => 5
  await server.clock.advance(300)
  expect(Array.from({ length: 7 }, () => admission.handshake(1))).toEqual([...Array(6).fill(undefined), 'files'])
  expect(admission.trouble).toBe('files')
  ada.join('b')
  expect(await server.committed('b', { after: 300 })).toEqual(counts(0, 1))
  server.freeFiles = () => 100
  await server.clock.advance(300)
  expect(admission.handshake(1)).toBeUndefined()
})

test('files are read less often where that takes long', async () => {
  const { server, admission } = await serverWith({})
  let readings = 0
  server.freeFiles = () => {
    readings += 1
    server.clock.jump(20)
    return 1000
  }
  for (let ms = 0; ms < 10_000; ms += 100) {
    await server.clock.advance(100)
    admission.handshake(1)
  }
  expect(readings).toBe(10)
})

test('while the event loop is late, sockets are refused, until it keeps up or no socket is left', async () => {
  const { server, ada, admission } = await serverWith({ lag: 500 })
  const standStill = async () => {
    server.clock.jump(5000)
    await server.clock.advance(1)
  }
  await standStill()
  expect(admission.handshake(1)).toBeUndefined()
  await standStill()
  expect(admission.handshake(1)).toBe('lag')
  await server.clock.advance(1100)
  expect(admission.handshake(1)).toBeUndefined()
  await standStill()
  await standStill()
  ada.disconnect()
  await server.clock.advance(2000)
  expect(admission.handshake(0)).toBeUndefined()
})

test('sockets are refused past their number, and past the handshakes of a second', async () => {
  const { server, admission } = await serverWith({ sockets: 10, handshakesPerSecond: 3 })
  expect(admission.handshake(10)).toBe('too_many_sockets')
  expect([1, 2, 3].map((open) => admission.handshake(open))).toEqual([undefined, undefined, 'too_many_handshakes'])
  await server.clock.advance(1000)
  expect(admission.handshake(9)).toBeUndefined()
})
