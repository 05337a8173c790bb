import type { Counts } from '@headcount/protocol'
import { expect, test } from 'vitest'
import { Poller } from '../test/poller.js'
import { counts, TestServer, type TestServerOptions } from '../test/test-server.js'
import type { PollAnswer } from './answer.js'
import { LongPolls } from './long-polls.js'

async function start(options: TestServerOptions = {}) {
  const server = await TestServer.open(options)
  const polls = new LongPolls(server.sockets)
  /** Polls, and advances time until there is a message or the window ends. */
  const get = async (poller: Poller, ms = 60): Promise<PollAnswer> => {
    const answer = poller.poll()
    await server.clock.advance(ms)
    return answer
  }
  /** A poller that has the state of the topic, and the diff of its join. */
  const joined = async (topic = 'video'): Promise<Poller> => {
    const poller = new Poller(polls)
    await poller.join(topic)
    await server.clock.advance(60)
    await get(poller)
    return poller
  }
  const viewers = async (): Promise<number> => ((await server.committed('video')) as Counts).viewers.count
  return { server, polls, get, joined, viewers }
}

test('a poll is answered at once with the messages since the last one, and waits if there are none', async () => {
  const { server, joined } = await start()
  const ada = await joined()
  expect(ada.events).toEqual(['phx_reply', 'presence_state', 'presence_diff'])
  const waiting = ada.poll()
  await server.clock.advance(5_000)
  expect(ada.statuses).toEqual([200])
  server.connect().join('video')
  await server.clock.advance(60)
  await waiting
  expect(ada.statuses).toEqual([200, 200])
  expect(ada.shown).toBe(JSON.stringify(counts(0, 2)))
})

test('a poll without messages ends after the poll window, and a poller that polls again still counts', async () => {
  const { get, joined, viewers } = await start()
  const ada = await joined()
  for (let i = 0; i < 100; i++) await get(ada, 10_100)
  expect(new Set(ada.statuses.slice(1))).toEqual(new Set([204]))
  expect(await viewers()).toBe(1)
})

test('a poller counts for a poll window and a margin after its last poll', async () => {
  const { server, polls, joined, viewers } = await start()
  const ada = await joined()
  await server.clock.advance(14_800)
  expect(await viewers()).toBe(1)
  await server.clock.advance(400)
  expect([await viewers(), polls.size, ada.isClosed]).toEqual([0, 0, true])
  expect(await ada.poll()).toEqual({ status: 410 })
  expect(await ada.join('video')).toBe(410)
})

test.each(['idle', 'lost'])(
  'a poller may still poll after this process was blocked for a minute: %s',
  async (state) => {
    const { server, get, joined, viewers } = await start()
    const ada = await joined()
    if (state === 'lost') {
      void ada.poll()
      ada.lose()
    }
    server.clock.jump(60_000)
    await server.clock.advance(1)
    expect((await get(ada, 10_100)).status).toBe(204)
    expect(await viewers()).toBe(1)
    await server.clock.advance(15_200)
    expect([await viewers(), ada.isClosed]).toEqual([0, true])
  },
)

test('a poller whose connection was lost during a poll counts for the margin, unless it polls again', async () => {
  const { server, get, joined, viewers } = await start()
  const [ada, ben] = [await joined(), await joined()]
  await get(ada)
  for (const poller of [ada, ben]) {
    void poller.poll()
    poller.lose()
  }
  await server.clock.advance(4_800)
  expect(await viewers()).toBe(2)
  void ben.poll()
  await server.clock.advance(400)
  expect(await viewers()).toBe(1)
})

test('a session in which an answer may have been lost ends, because its client could miss a diff', async () => {
  const { joined, viewers, server } = await start()
  const ada = await joined()
  ada.sequence -= 1
  expect(await ada.poll()).toEqual({ status: 410 })
  await server.clock.advance(50)
  expect(await viewers()).toBe(0)
})

test('of two concurrent polls the newer one waits, and the older one is answered with 410', async () => {
  const { server, polls, joined } = await start()
  const ada = await joined()
  const connection = new AbortController()
  const older = polls.poll({ ...ada.token, sequence: ada.sequence }, connection.signal)
  const newer = ada.poll()
  expect(await older).toEqual({ status: 410 })
  connection.abort()
  server.connect().join('video')
  await server.clock.advance(60)
  expect(await newer).toMatchObject({ status: 200 })
})

test('a poller that does not poll skips diffs, and then gets a fresh state, from bounded memory', async () => {
  const { server, get, joined } = await start({ limits: { backlogBytes: 2_000 } })
  const ada = await joined()
  const others = Array.from({ length: 100 }, () => server.connect())
  for (const other of others) {
    other.join('video')
    await server.clock.advance(60)
  }
  expect(server.counted.slow_skips).toBeGreaterThan(0)
  const answer = await get(ada)
  expect(answer.status === 200 && answer.messages.length).toBeLessThan(4_000)
  await get(ada)
  expect(ada.events.at(-1)).toBe('presence_state')
  expect(ada.shown).toBe(JSON.stringify(counts(0, 101)))
})

test('the messages of a POST have the rate limit of a WebSocket, and it is answered after the last', async () => {
  const { server, polls } = await start({ limits: { joinsPerSecond: 10 } })
  const ada = new Poller(polls)
  let status = 0
  void ada.join(...Array.from({ length: 25 }, (_, i) => `video:${i}`)).then((given) => {
    status = given
  })
  await server.clock.advance(100)
  expect([server.sockets.context.admission.channels, status]).toEqual([10, 0])
  await server.clock.advance(2_000)
  expect([server.sockets.context.admission.channels, status]).toEqual([25, 200])
})

test('POSTs hold one message, or one in each line; V1, V2 and binary ones in base64', async () => {
  const { server, polls, get } = await start()
  const v1 = new Poller(polls, { vsn: 1 })
  const join = (topic: string) => JSON.stringify({ topic, event: 'phx_join', payload: {}, ref: '1' })
  expect(await v1.push(join('one'), false)).toBe(200)
  expect(await v1.push(`${join('two')}\r\n${join('three')}\n`)).toBe(200)
  await get(v1)
  expect(v1.events.filter((event) => event === 'phx_reply')).toHaveLength(3)
  const v2 = new Poller(polls)
  // Kind, lengths of the join_ref, the ref, the topic and the event, then these and the payload.
  const binary = Buffer.from('\0\u0001\u0001\u0003\u000512onepress', 'latin1').toString('base64')
  await v2.join('one')
  expect(await v2.push(binary)).toBe(200)
  await get(v2)
  expect(v2.events.filter((event) => event === 'phx_reply')).toHaveLength(2)
  expect(server.sockets.size).toBe(2)
})

test.each([
  ['no frame', '["not", "a frame"]', 410],
  ['no JSON', '{', 410],
  ['bytes that are not a push', Buffer.from([9, 9, 9]).toString('base64'), 410],
  ['too long', JSON.stringify(['1', '1', 'video', 'phx_join', { long: 'x'.repeat(9_000) }]), 413],
])('a message that is %s ends the session, and does not affect others', async (_, body, status) => {
  const { server, polls, get, joined, viewers } = await start()
  const [ada, ben] = [await joined(), await joined()]
  await get(ada)
  const waiting = ada.poll()
  expect(await ada.push(body)).toBe(status)
  expect(await waiting).toEqual({ status: 410 })
  await server.clock.advance(50)
  expect([await viewers(), polls.size, ben.isClosed]).toEqual([1, 1, false])
  expect(await ada.push(ada.message('video', 'phx_join'))).toBe(410)
})

test('pending POSTs are bounded, too', async () => {
  const { server, polls } = await start({ limits: { messagesPerSecond: 1, frameBytes: 256 } })
  const ada = new Poller(polls)
  const statuses = Array.from({ length: 20 }, () => ada.push(`["1","1","x","${'y'.repeat(200)}",{}]`))
  await server.clock.advance(0)
  expect(await Promise.race(statuses.slice(-1))).toBe(413)
  expect(polls.maxPushBytes).toBe(2_048)
})

test.each(['', 'x', '\n'])('so are tiny POSTs (%j), each of which costs a request', async (body) => {
  const { server, polls } = await start({ limits: { joinsPerSecond: 1 } })
  const ada = new Poller(polls)
  void ada.join('video')
  const statuses = Array.from({ length: 200 }, () => ada.push(body))
  await server.clock.advance(0)
  expect(await Promise.race([statuses[100], 'it waits'])).toBe('it waits')
  expect(await Promise.all(statuses.slice(128))).toEqual(Array.from({ length: 72 }, () => 413))
})

test('thousands of abandoned sessions do not use up the limit for others', async () => {
  const { server, polls, get, joined } = await start({ limits: { idlePollers: 100 } })
  const ada = await joined()
  void ada.poll()
  for (let i = 0; i < 2_000; i++) await new Poller(polls).join('video')
  await server.clock.advance(2_200)
  expect([polls.size, server.sockets.size, ada.isClosed]).toEqual([100, 100, false])
  for (let i = 0; i < 2; i++) await get(ada, 10_200)
  expect(polls.size).toBe(1)
  expect(await server.committed('video')).toEqual(counts(0, 1))
})

test('a broadcast that answers more polls than may be idle closes no session', async () => {
  const { server, polls } = await start({ limits: { idlePollers: 10 } })
  const pollers = Array.from({ length: 30 }, () => new Poller(polls))
  await Promise.all(pollers.map((poller) => poller.join('video')))
  for (let i = 0; i < 3; i++) {
    for (const poller of pollers) void poller.poll()
    server.connect().join('video')
    await server.clock.advance(100)
  }
  expect(new Set(pollers.map(({ statuses }) => statuses.join(' ')))).toEqual(new Set(['200 200 200']))
  await server.clock.advance(1_000)
  expect([polls.size, pollers.some((poller) => poller.isClosed)]).toEqual([30, false])
})

test('a guessed session, or the key of another one, is answered with 410, and ends no session', async () => {
  const { polls } = await start()
  const [ada, eve] = [new Poller(polls), new Poller(polls)]
  const { signal } = new AbortController()
  const guesses = [
    { ...ada.token, key: eve.token.key },
    { ...ada.token, session: 'A'.repeat(16) },
    { ...ada.token, replica: 'elsewhere' },
  ]
  for (const guess of guesses) {
    expect(await polls.poll(guess, signal)).toEqual({ status: 410 })
    expect(await polls.push(guess, { body: '{', isBatch: false })).toBe(410)
  }
  expect(ada.isClosed).toBe(false)
})

test('sessions end when the server closes, and leave no timer', async () => {
  const { server, get, joined } = await start()
  const [ada, ben] = [await joined(), await joined()]
  await get(ada)
  const waiting = ada.poll()
  await server.stop()
  expect(await waiting).toEqual({ status: 410 })
  expect([ada.isClosed, ben.isClosed]).toEqual([true, true])
  await server.clock.advance(1_000)
  expect(server.clock.timers).toBe(0)
})
