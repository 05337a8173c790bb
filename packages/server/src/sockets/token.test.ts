import { LogLimiter, noMetrics, silentLogger, systemClock } from '@headcount/core'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../auth/auth.js'
import { signToken } from '../auth/sign.js'
import { authenticator } from '../authenticate.js'
import type { FakeClient } from '../test/fake-client.js'
import { counts, TestServer, type TestServerOptions } from '../test/test-server.js'
import type { Authenticate, Session } from './session.js'

const ok = { status: 'ok', response: {} }
const refused = (reason: string) => ({ status: 'error', response: { reason } })

const sessions: Record<string, Omit<Session, 'clientId'>> = {
  ada: { userId: 'ada' },
  bob: { userId: 'bob' },
  short: { userId: 'ada', expiresIn: 10_000 },
  guest: { userId: null, topics: ['team:7', 'room:*'] },
}

const authenticate: Authenticate = async (token, clientId) => {
  if (token === null) return { kind: 'session', session: { userId: null, clientId } }
  if (token === 'away') return { kind: 'unchecked' }
  const session = sessions[token]
  return session === undefined
    ? { kind: 'invalid', reason: 'signature', refuse: false }
    : { kind: 'session', session: { ...session, clientId } }
}

async function joined(options: TestServerOptions = {}) {
  const server = await TestServer.open({ authenticate, limits: { pingAfter: 1e6 }, ...options })
  const watcher = server.joining('a')
  const client = server.connect({ clientId: 'c' })
  client.join('a')
  await server.clock.advance(1000)
  watcher.received.length = 0
  client.received.length = 0
  return { server, watcher, client }
}

/** Pushes a token, and returns the payload of its reply. */
async function push(server: TestServer, client: FakeClient, payload: unknown): Promise<unknown> {
  const ref = client.push('phoenix', 'token', payload)
  await server.clock.advance(1000)
  return client.events('phx_reply').find((reply) => reply.ref === ref)?.payload
}

test.each(['forged', 'away', 'ada'])('of the token %j a client may send so many a second', async (token) => {
  const { server, client } = await joined({ limits: { tokensPerSecond: 2, pingAfter: 1e6 } })
  const refs = [1, 2, 3].map(() => client.push('phoenix', 'token', { token }))
  const replies = () => client.events('phx_reply').map(({ ref }) => ref)
  await server.clock.advance(500)
  expect(replies()).toEqual(refs.slice(0, 2))
  await server.clock.advance(1000)
  expect(replies()).toEqual(refs)
})

describe.each(['connections', 'people'] as const)('a token on an open socket, where %s are counted', (unit) => {
  const topics = [{ pattern: '*', unit }]

  test('moves the presence between groups in one diff, and back', async () => {
    const { server, watcher, client } = await joined({ topics })
    expect(await push(server, client, { token: 'ada' })).toEqual(ok)
    expect(await server.committed('a')).toEqual(counts(1, 1))
    expect(await push(server, client, { token: null })).toEqual(ok)
    const diffs = watcher.events('presence_diff').map(({ payload }) => (payload as { counts: unknown }).counts)
    expect(diffs).toEqual([counts(1, 1), counts(0, 2)])
    expect(watcher.wrongDiffs).toEqual([])
  })

  test('of the same user changes nothing', async () => {
    const { server, watcher, client } = await joined({ topics })
    await push(server, client, { token: 'ada' })
    watcher.received.length = 0
    expect(await push(server, client, { token: 'ada' })).toEqual(ok)
    expect(watcher.received).toEqual([])
  })

  test('of another user keeps the counts', async () => {
    const { server, client } = await joined({ topics })
    await push(server, client, { token: 'ada' })
    expect(await push(server, client, { token: 'bob' })).toEqual(ok)
    expect(await server.committed('a')).toEqual(counts(1, 1))
    client.disconnect()
    expect(await server.committed('a', { after: 1000 })).toEqual(counts(0, 1))
  })

  test('that has expired makes the client a viewer 25 s later, unless it is renewed', async () => {
    const { server, client } = await joined({ topics })
    await push(server, client, { token: 'short' })
    expect(await server.committed('a', { after: 30_000 })).toEqual(counts(1, 1))
    await push(server, client, { token: 'short' })
    expect(await server.committed('a', { after: 30_000 })).toEqual(counts(1, 1))
    client.push('phoenix', 'heartbeat')
    expect(await server.committed('a', { after: 7_000 })).toEqual(counts(0, 2))
    expect(client.closedWith).toBeUndefined()
  })
})

test.each(['viewer', 'close'] as const)(
  'a token that expires while this process is blocked may be renewed after it: %s',
  async (expiredToken) => {
    const { server, watcher, client } = await joined({ expiredToken })
    await push(server, client, { token: 'short' })
    watcher.received.length = 0
    server.clock.jump(60_000)
    await server.clock.advance(1)
    expect(await push(server, client, { token: 'ada' })).toEqual(ok)
    await server.clock.advance(5_000)
    expect(client.closedWith).toBeUndefined()
    expect(watcher.events('presence_diff')).toEqual([])
    expect(await server.committed('a')).toEqual(counts(1, 1))
  },
)

test('an expired token closes the socket with the setting "close"', async () => {
  const { server, client } = await joined({ expiredToken: 'close' })
  await push(server, client, { token: 'short' })
  await server.clock.advance(10_000)
  expect(client.closedWith).toEqual({ code: 1008, reason: 'the token has expired' })
})

test.each<[string, unknown, string]>([
  ['an invalid token', { token: 'forged' }, 'invalid token'],
  ['a token while the key server is away', { token: 'away' }, 'token cannot be checked'],
  ...[{}, null, [], 'ada', { token: 7 }].map((payload) => {
    const reason = 'invalid payload: expected an object with a token, or null to sign out'
    return [`the payload ${JSON.stringify(payload)}`, payload, reason] satisfies [string, unknown, string]
  }),
])('%s is refused and changes nothing', async (_, payload, reason) => {
  const { server, client } = await joined()
  await push(server, client, { token: 'ada' })
  expect(await push(server, client, payload)).toEqual(refused(reason))
  expect(await server.committed('a')).toEqual(counts(1, 1))
  expect(client.closedWith).toBeUndefined()
})

test.each(['', 'undefined', 'null'])('the token %j signs out, because in the URL it means no token', async (token) => {
  const secret = 's'.repeat(32)
  const log = new LogLimiter(systemClock, silentLogger)
  const { server, client } = await joined({
    authenticate: authenticator(createAuth({ secret }).verify, noMetrics, log),
  })
  client.push('phoenix', 'token', { token: await signToken(secret, 'ada', { expires: 60_000 }) })
  // A signature is verified in real time.
  const committed = () => server.clock.advance(100).then(() => server.committed('a'))
  await expect.poll(committed).toEqual(counts(1, 1))
  expect(await push(server, client, { token })).toEqual(ok)
  expect(await server.committed('a')).toEqual(counts(0, 2))
})

test('a client whose messages always wait for an answer loses the access of its expired token', async () => {
  const pending: (() => void)[] = []
  const { server, client } = await joined({
    topics: [{ pattern: 'members', access: 'users' }, '*'],
    authorize: (topic) => (topic === 'slow' ? new Promise((resolve) => pending.push(() => resolve(true))) : true),
  })
  await push(server, client, { token: 'short' })
  client.join('members')
  expect(await server.committed('members', { after: 1000 })).toEqual(counts(1, 0))
  for (let second = 0; second < 40; second++) {
    client.join('slow')
    await server.clock.advance(1000)
    for (const answer of pending.splice(0)) answer()
    await server.clock.advance(1)
  }
  expect(await server.committed('members', { after: 1000 })).toEqual(counts(0, 0))
  expect(await server.committed('a')).toEqual(counts(0, 2))
})

test('messages after a token are handled with its session', async () => {
  const { server, client } = await joined({ topics: [{ pattern: 'members:*', access: 'users' }, '*'] })
  client.push('phoenix', 'token', { token: 'ada' })
  client.join('members:1')
  expect(await server.committed('members:1', { after: 1000 })).toEqual(counts(1, 0))
})

test('a sign-out ends the channels that need a user, with phx_error, and keeps the others', async () => {
  const topics = [{ pattern: 'members:*', access: 'users' as const }, '*']
  const { server, client } = await joined({ topics, limits: { presencesPerUser: 1 } })
  await push(server, client, { token: 'ada' })
  const joinRef = client.join('members:1')
  await server.clock.advance(1000)
  client.received.length = 0
  await push(server, client, { token: null })
  expect(client.events('phx_error')).toEqual([
    { joinRef, ref: joinRef, topic: 'members:1', event: 'phx_error', payload: {} },
  ])
  expect(await server.committed('members:1')).toEqual(counts(0, 0))
  expect(await server.committed('a')).toEqual(counts(0, 2))
  client.join('members:1')
  await server.clock.advance(1000)
  expect(client.events('phx_reply').at(-1)?.payload).toEqual(refused('unauthorized'))
  server.connect({ userId: 'ada' }).join('members:1')
  expect(await server.committed('members:1', { after: 1000 })).toEqual(counts(1, 0))
  expect(client.events('presence_diff').filter(({ topic }) => topic === 'members:1')).toEqual([])
})

test('the application authorizes each topic again when the user changes', async () => {
  const asked: unknown[] = []
  const authorize: TestServerOptions['authorize'] = async (topic, { userId }) => {
    asked.push([topic, userId])
    return userId !== 'bob'
  }
  const { server, client } = await joined({ authorize })
  asked.length = 0
  await push(server, client, { token: 'ada' })
  expect(await server.committed('a')).toEqual(counts(1, 1))
  await push(server, client, { token: 'bob' })
  expect(asked).toEqual([
    ['a', 'ada'],
    ['a', 'bob'],
  ])
  expect(await server.committed('a')).toEqual(counts(0, 1))
})

describe('a pattern whose access is token', () => {
  const topics = [
    { pattern: 'team:*', access: 'token' as const },
    { pattern: 'room:*', access: 'token' as const },
  ]

  test.each([
    ['team:7', true],
    ['room:1', true],
    ['team:70', false],
    ['team:', false],
  ])('allows %s to a token with matching topics: %s', async (topic, isOpen) => {
    const server = await TestServer.open({ authenticate, topics })
    const guest = server.connect({ topics: ['team:7', 'room:*'] })
    guest.join(topic)
    expect(await server.committed(topic, { after: 1000 })).toEqual(counts(0, isOpen ? 1 : 0))
  })

  test('refuses users and viewers without such a token, until they send one', async () => {
    const server = await TestServer.open({ authenticate, topics })
    const ada = server.connect({ userId: 'ada' })
    ada.join('team:7')
    await server.clock.advance(1000)
    expect(ada.received.map(({ payload }) => payload)).toEqual([refused('unauthorized')])
    await push(server, ada, { token: 'guest' })
    ada.join('team:7')
    expect(await server.committed('team:7', { after: 1000 })).toEqual(counts(0, 1))
  })
})

describe('observe on a joined topic', () => {
  test('stops counting the channel but still sends its diffs, and counts it again', async () => {
    const { server, watcher, client } = await joined()
    const joinRef = client.join('b')
    await server.clock.advance(1000)
    client.push('b', 'observe', { observe: true }, joinRef)
    await server.clock.advance(1000)
    expect(client.events('phx_reply').at(-1)?.payload).toEqual(ok)
    expect(client.counts.get('b')).toEqual(counts(0, 0))
    watcher.join('b')
    await server.clock.advance(1000)
    expect(client.counts.get('b')).toEqual(counts(0, 1))
    client.push('b', 'observe', { observe: false }, joinRef)
    client.push('b', 'observe', { observe: false }, joinRef)
    await server.clock.advance(1000)
    expect(client.counts.get('b')).toEqual(counts(0, 2))
    client.disconnect()
    expect(await server.committed('b', { after: 1000 })).toEqual(counts(0, 1))
  })

  test.each([{}, null, { observe: 'yes' }, { observe: null }, []])(
    'with the payload %j is refused',
    async (payload) => {
      const { server, client } = await joined()
      client.push('a', 'observe', payload)
      await server.clock.advance(1000)
      const reason = 'invalid payload: expected an object with observe true or false'
      expect(client.events('phx_reply').at(-1)?.payload).toEqual(refused(reason))
      expect(await server.committed('a')).toEqual(counts(0, 2))
    },
  )

  test('keeps an observer an observer when it signs in', async () => {
    const { server, client } = await joined()
    client.push('a', 'observe', { observe: true })
    await push(server, client, { token: 'ada' })
    expect(await server.committed('a')).toEqual(counts(0, 1))
    client.push('a', 'observe', { observe: false })
    expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 1))
  })
})

describe('a client with five topics, and ten joins a second', () => {
  async function withTopics(tokens: readonly (string | null)[]) {
    const { server, client } = await joined({ limits: { joinsPerSecond: 10, pingAfter: 1e6 } })
    for (const topic of ['b', 'c', 'd', 'e']) client.join(topic)
    await server.clock.advance(1000)
    const send = async () => {
      for (const token of tokens) {
        client.push('phoenix', 'token', { token })
        await server.clock.advance(1)
      }
    }
    return { server, client, send }
  }

  test.each([[['ada', 'bob']], [['ada', null]]])(
    'that signs in as %s is read again in the next second',
    async (tokens) => {
      const { server, client, send } = await withTopics(tokens)
      await send()
      expect(client.isPaused).toBe(true)
      await server.clock.advance(1000)
      expect(client.isPaused).toBe(false)
    },
  )

  test('that signs in and out for ten seconds is closed', async () => {
    const { server, client, send } = await withTopics(['ada', null])
    for (let i = 0; i < 10; i++) {
      await send()
      await server.clock.advance(998)
    }
    expect(client.closedWith?.code).toBe(1008)
  })

  test('that renews its token moves nothing', async () => {
    const { client, send } = await withTopics(['ada', 'ada', 'short', 'ada', 'short'])
    await send()
    expect(client.isPaused).toBe(false)
  })
})
