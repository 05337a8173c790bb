import { describe, expect, test } from 'vitest'
import { counts, TestServer, type TestServerOptions } from '../test/test-server.js'
import { replyDelay } from './send-queue.js'

const refused = (reason: string) => ({ status: 'error', response: { reason } })

/** A server with one client, which has joined the topic `a` and received the frames of the join. */
async function joined(options: TestServerOptions = {}) {
  const server = await TestServer.open(options)
  const ada = server.joining('a')
  await server.clock.advance(1000)
  ada.received.length = 0
  return { server, ada }
}

describe('an authorization that takes time', () => {
  function pendingAuthorization() {
    const answers: ((allowed: boolean) => void)[] = []
    return { answers, authorize: () => new Promise<boolean>((resolve) => answers.push(resolve)) }
  }

  test('delays the messages after the join, which are handled in order', async () => {
    const { answers, authorize } = pendingAuthorization()
    const server = await TestServer.open({ authorize })
    const ada = server.joining('a')
    ada.push('phoenix', 'heartbeat')
    ada.join('b')
    ada.push('phoenix', 'heartbeat')
    await server.clock.advance(10)
    expect(ada.received).toEqual([])
    expect(ada.isPaused).toBe(true)
    answers[0]?.(true)
    await server.clock.advance(10)
    expect(ada.replies).toEqual(['phx_reply 1', 'presence_state null', 'phx_reply 2'])
    answers[1]?.(false)
    await server.clock.advance(10)
    expect(ada.events('phx_reply')[2]?.payload).toEqual(refused('unauthorized'))
    expect(ada.replies.at(-1)).toBe('phx_reply 4')
    expect(ada.isPaused).toBe(false)
  })

  test('refuses the join after 10 s, and keeps nothing else from its socket', async () => {
    const { answers, authorize } = pendingAuthorization()
    const server = await TestServer.open({ authorize })
    const ada = server.joining('a')
    ada.push('phoenix', 'heartbeat')
    await server.clock.advance(9_990)
    expect(ada.received).toEqual([])
    await server.clock.advance(20)
    expect(ada.events('phx_reply')[0]?.payload).toEqual(refused('unauthorized'))
    expect(ada.replies).toEqual(['phx_reply 1', 'phx_reply 2'])
    expect(ada.isPaused).toBe(false)
    answers[0]?.(true)
    await server.clock.advance(10)
    expect(ada.received).toHaveLength(2)
  })

  test('does not delay other sockets', async () => {
    const server = await TestServer.open({ authorize: pendingAuthorization().authorize })
    server.connect().join('a')
    const bob = server.connect()
    bob.push('phoenix', 'heartbeat')
    await server.clock.advance(10)
    expect(bob.replies).toEqual(['phx_reply 1'])
  })

  test('adds no presence if the client has left in the meantime', async () => {
    const { answers, authorize } = pendingAuthorization()
    const server = await TestServer.open({ authorize })
    const ada = server.joining('a')
    ada.disconnect()
    answers[0]?.(true)
    expect(await server.committed('a', { after: 10 })).toEqual(counts(0, 0))
  })
})

test('an authorization receives only the topic and the user id', async () => {
  const asked: unknown[] = []
  const server = await TestServer.open({ authorize: (...args) => asked.push(args) > 0 })
  server.connect({ userId: '7', clientId: 'a browser' }).join('a')
  expect(asked).toEqual([['a', { userId: '7' }]])
})

test('closes are counted once each, by code', async () => {
  const server = await TestServer.open({ limits: { pingAfter: 500, pongTimeout: 500 } })
  const [invalid, binary, left, custom, lost, idle] = Array.from({ length: 6 }, () => server.connect({}, 1))
  invalid?.socket.message('not JSON')
  binary?.socket.message(Buffer.from([0]))
  left?.socket.closed(1000)
  left?.socket.closed(1006)
  custom?.socket.closed(4321)
  lost?.disconnect()
  await server.clock.advance(1500)
  idle?.socket.received(1)
  await server.clock.advance(1000)
  idle?.socket.received(1)
  expect(server.labels.closes).toEqual(['1007', '1008', '1000', 'other', '1006'])
  await server.clock.advance(3000)
  server.connect()
  await server.stop()
  expect(server.labels.closes).toEqual(['1007', '1008', '1000', 'other', '1006', '1002', '1012'])
})

describe('messages before a close', () => {
  test('are answered before the socket closes, delayed replies too', async () => {
    const { server, ada } = await joined()
    ada.push('phoenix', 'heartbeat')
    ada.leave('a')
    ada.socket.closed(1000)
    expect(ada.replies).toEqual(['phx_reply 2', 'phx_reply 3', 'phx_close 1'])
    await server.clock.advance(100)
    expect(ada.replies).toHaveLength(3)
  })

  test('of the server are answered too', async () => {
    const server = await TestServer.open()
    const ada = server.connect()
    ada.push('phoenix', 'heartbeat')
    await server.stop()
    expect(ada.replies).toEqual(['phx_reply 1'])
    expect(ada.closedWith?.code).toBe(1012)
  })
})

test.each([0, 4])('a join %i ms after a leave is answered before it, as in Phoenix', async (ms) => {
  const { server, ada } = await joined()
  ada.leave('a')
  await server.clock.advance(ms)
  ada.join('a')
  await server.clock.advance(replyDelay)
  expect(ada.replies).toEqual(['phx_reply 3', 'phx_close 1', 'presence_state null'])
  expect(await server.committed('a', { after: 50 })).toEqual(counts(0, 1))
})

test('a leave takes effect at once, and is answered after the reply delay', async () => {
  const { server, ada } = await joined()
  ada.leave('a')
  await server.clock.advance(0)
  expect(ada.replies).toEqual([])
  expect(await server.committed('a')).toEqual(counts(0, 0))
  await server.clock.advance(replyDelay)
  expect(ada.replies).toEqual(['phx_reply 2', 'phx_close 1'])
})

test('messages after a leave are answered after it, as to a topic that is not joined', async () => {
  const { server, ada } = await joined()
  ada.leave('a')
  ada.leave('a')
  ada.push('a', 'observe', { observe: true })
  await server.clock.advance(replyDelay)
  expect(ada.replies).toEqual(['phx_reply 2', 'phx_close 1', 'phx_reply 3', 'phx_reply 4'])
  expect(ada.received.at(-1)?.payload).toEqual(refused('unmatched topic'))
})

test('a left topic makes room for another at once, but for one only', async () => {
  const { server, ada } = await joined({ limits: { topicsPerSocket: 2 } })
  ada.join('b')
  ada.leave('a')
  ada.join('c')
  ada.join('a')
  await server.clock.advance(1000)
  expect(server.labels.refused).toEqual(['too many channels joined'])
  expect(ada.events('phx_reply').map(({ topic }) => topic)).toEqual(['b', 'c', 'a', 'a'])
  expect(await server.committed('c')).toEqual(counts(0, 1))
  expect(await server.committed('a')).toEqual(counts(0, 0))
})

test.each([0, 4])('two joins %i ms apart result in one channel, one state and one presence', async (ms) => {
  const { server, ada } = await joined({ limits: { topicsPerSocket: 1 } })
  ada.join('a')
  await server.clock.advance(ms)
  ada.join('a')
  await server.clock.advance(1000)
  expect(ada.replies).toEqual(['phx_reply 2', 'phx_reply 3', 'phx_close 1', 'phx_close 2', 'presence_state null'])
  expect(await server.committed('a')).toEqual(counts(0, 1))
})

test('a second join that is refused closes the first channel', async () => {
  let allowed = true
  const { server, ada } = await joined({ authorize: () => allowed })
  allowed = false
  ada.join('a')
  await server.clock.advance(1000)
  expect(ada.replies).toEqual(['phx_reply 2', 'phx_close 1'])
  expect(await server.committed('a')).toEqual(counts(0, 0))
})

test.each([[null], [''], [{}], [{ observe: null }], [{ observe: false }], [{ other: 1 }]])(
  'a join with the payload %j is counted',
  async (payload) => {
    const server = await TestServer.open()
    server.connect().join('a', payload)
    await server.clock.advance(0)
    expect(await server.committed('a', { after: 0 })).toEqual(counts(0, 1))
  },
)

test.each([[7], [true], [[]], ['observe'], [{ observe: 'yes' }], [{ observe: 1 }]])(
  'a join with the payload %j is refused with a reason, and counted with a separate label',
  async (payload) => {
    const server = await TestServer.open()
    const ada = server.joining('a', payload)
    await server.clock.advance(0)
    expect(ada.received).toHaveLength(1)
    expect(JSON.stringify(ada.received[0]?.payload)).toContain('expected an object')
    expect(server.labels.refused).toEqual(['invalid payload'])
  },
)
