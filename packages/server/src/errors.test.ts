import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { until, WireClient } from '@headcount/testing'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { describe, expect, test } from 'vitest'
import type { AuthOptions, InvalidReason } from './auth/index.js'
import type { CutOff } from './http/pipelines.js'
import type { ProblemCode } from './http/problem.js'
import { createMetrics } from './metrics/prometheus.js'
import type { Activity } from './sockets/activity.js'
import type { CloseReason } from './sockets/closes.js'
import type { PresenceLimit } from './sockets/presence-limits.js'
import type { ReplyReason } from './sockets/reply-reasons.js'
import type { FakeClient } from './test/fake-client.js'
import { clientFrame } from './test/frames.js'
import { RawClient } from './test/raw-client.js'
import { listen, type Served, serve } from './test/serve.js'
import { TestServer, type TestServerOptions } from './test/test-server.js'
import type { RefusalCode } from './websocket/refusal.js'

const page = 'ERRORS.md'
const secret = 's'.repeat(32)
const unfetchable = { jwksUrl: 'http://127.0.0.1:9/jwks.json' }

/** A token that only the keys behind a JWKS URL can verify. */
const asymmetric = ['{"alg":"RS256"}', '{"sub":"7"}', 'x']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

/** Checks that a table of docs/ERRORS.md has a row for each key, and no other. */
function testRows(heading: string, provocations: object): void {
  test('has a row for each, and no other', () => {
    expect(docRows(page, heading).map(([code]) => code)).toEqual(Object.keys(provocations))
  })
}

describe('WebSocket close codes', () => {
  const times = (n: number, act: () => unknown) => void Array.from({ length: n }, act)

  /** A client of a server on fake time, after so many seconds of an act each. */
  async function after(seconds: number, act: (client: FakeClient) => void, options: TestServerOptions = {}) {
    const server = await TestServer.open(options)
    const client = server.connect({ expiresIn: 500 })
    for (let i = 0; i < seconds; i++) {
      act(client)
      await server.clock.advance(1000)
    }
    return { code: client.closedWith?.code, counted: server.labels.server_closes }
  }

  /** A client over a real connection, which sends these bytes. */
  async function sent(...frames: Buffer[]) {
    const served = await serve()
    const client = await WireClient.open(served.url)
    client.stream.write(Buffer.concat(frames))
    return closed(served, client)
  }

  async function closed({ metric }: Served, client: WireClient) {
    const { code } = await client.closed
    const reasons = docRows(page, 'WebSocket close codes').map(([reason]) => reason!)
    const counts = await Promise.all(reasons.map((reason) => metric(`server_closes_total{reason="${reason}"}`)))
    return { code, counted: reasons.filter((_, i) => counts[i] === 1) }
  }

  const provocations: Record<CloseReason, () => Promise<{ code: number | undefined; counted: unknown }>> = {
    silent: () => after(36, () => {}),
    invalid_frame: () => sent(clientFrame(3)),
    not_utf8: () => sent(clientFrame(1, Buffer.from([0xff]))),
    not_utf8_json: () => sent(clientFrame(1, 'x')),
    not_a_frame: () => sent(clientFrame(1, '{}')),
    unsupported_binary: () => sent(clientFrame(2, Buffer.from([9]))),
    too_many_fragments: () =>
      sent(clientFrame(1, '[', { final: false }), ...Array(256).fill(clientFrame(0, ' ', { final: false }))),
    reads_too_slowly: () =>
      after(61, (client) => {
        client.backlog = 1
        client.socket.received(1)
      }),
    sends_too_much: () => after(10, (client) => times(300, () => client.socket.frame())),
    token_expired: () => after(1, () => {}, { expiredToken: 'close' }),
    too_large: () => sent(clientFrame(1, ' '.repeat(8193))),
    async restart() {
      const served = await serve()
      const client = await WireClient.open(served.url)
      await served.headcount.close()
      return closed(served, client)
    },
  }
  testRows('WebSocket close codes', provocations)
  test.each(docRows(page, 'WebSocket close codes'))('%s closes with %s, and is counted', async (reason, code) => {
    const closed = await provocations[reason as CloseReason]()
    expect(closed).toEqual({ code: Number(code), counted: [reason] })
  })
})

describe('Replies with an error', () => {
  const join = (client: FakeClient, payload = {}) => void client.join('a', payload)
  const push = (topic: string, event: string, payload = {}) => [
    (client: FakeClient) => void client.join('a'),
    (client: FakeClient) => void client.push(topic, event, payload),
  ]
  const token = push('phoenix', 'token', { token: 'x' })
  type Acts = ((client: FakeClient, server: TestServer) => void)[]

  const provocations: Record<ReplyReason, readonly [TestServerOptions, Acts][]> = {
    'unmatched topic': [
      [{ topics: ['b'] }, [(client) => join(client)]],
      [{}, push('b', 'observe', { observe: true })],
      [{}, push('b'.repeat(256), 'phx_join')],
    ],
    unauthorized: [
      [{ authorize: () => false }, [(client) => join(client)]],
      [
        {
          authorize: (_, { userId }) => userId === null,
          authenticate: async () => ({ kind: 'session', session: { userId: '7', clientId: null } }),
        },
        token,
      ],
    ],
    'too many channels joined': [[{ limits: { topicsPerSocket: 1 } }, push('b', 'phx_join')]],
    overloaded: [
      [{ limits: { channels: 1 } }, push('b', 'phx_join')],
      [
        {},
        [
          (client, server) => {
            server.memory = 1
            join(client)
          },
        ],
      ],
    ],
    'invalid token': [[{}, token]],
    'token cannot be checked': [[{ authenticate: async () => ({ kind: 'unchecked' }) }, token]],
    'invalid payload': [
      [{}, [(client) => join(client, { observe: 1 })]],
      [{}, push('a', 'observe')],
      [{}, push('phoenix', 'token', { token: 7 })],
    ],
    'unknown event': [[{}, push('a', 'shout')]],
  }
  testRows('Replies with an error', provocations)
  test.each(docRows(page, 'Replies with an error'))('%s is counted in each case', async (reason) => {
    for (const [options, acts] of provocations[reason as ReplyReason]) {
      const server = await TestServer.open(options)
      const client = server.connect()
      for (const act of acts) {
        act(client, server)
        await server.clock.advance(100)
      }
      const replies = client.events('phx_reply').map(({ payload }) => JSON.stringify(payload))
      const isRefused = replies.some((reply) => reply.includes(`{"reason":"${reason}`))
      // A channel that its socket's new session may not have.
      expect(isRefused || client.events('phx_error').length === 1).toBe(true)
      expect(server.labels.refused).toEqual([reason])
    }
  })
})

describe('Limits without an error', () => {
  const fast = { messagesPerSecond: 5, bytesPerSecond: 100, joinsPerSecond: 2 }
  const twice = (client: FakeClient) => ['a', 'b'].map((topic) => client.join(topic))
  const again = (client: FakeClient, other: FakeClient) => [client.join('a'), other.join('a')]

  const provocations: Record<
    NonNullable<Activity['reached']> | PresenceLimit,
    [TestServerOptions['limits'], (client: FakeClient, other: FakeClient) => unknown]
  > = {
    messagesPerSecond: [fast, (client) => Array.from({ length: 5 }, () => client.socket.frame())],
    bytesPerSecond: [fast, (client) => client.socket.received(100)],
    joinsPerSecond: [{ ...fast, bytesPerSecond: 1e6 }, twice],
    presencesPerUser: [{ presencesPerUser: 1 }, again],
    presencesPerAddress: [{ presencesPerAddress: 1 }, again],
  }
  testRows('Limits without an error', provocations)
  test.each(docRows(page, 'Limits without an error'))('%s is counted', async (limit) => {
    const [limits, act] = provocations[limit as PresenceLimit]
    const server = await TestServer.open({ limits: limits! })
    const [client, other] = [server.connect({ userId: '7' }, 2, '::'), server.connect({ userId: '7' }, 2, '::')]
    act(client, other)
    await server.clock.advance(2000)
    expect(server.labels.limited).toEqual([limit])
    expect(client.closedWith).toBeUndefined()
  })
})

describe('Refused upgrades', () => {
  const headers = {
    ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  interface Request {
    readonly method?: string
    readonly path?: string
    readonly headers?: Readonly<Record<string, string>>
  }

  /** The status and code of a refused upgrade; undefined for one that is not refused. */
  const upgrade = ({ url }: Served, { path = '/socket/websocket', headers: changed, ...options }: Request = {}) =>
    new Promise<[status: number | undefined, code: string] | undefined>((resolve, reject) => {
      request(url + path, { headers: { ...headers, ...changed }, agent: false, ...options })
        .on('upgrade', () => resolve(undefined))
        .on('response', async (response) => {
          const { error } = (await json(response)) as { error: { code: string } }
          resolve([response.statusCode, error.code])
        })
        .on('error', reject)
        .end()
    })
  const once = async (asked: Request, options = {}) => {
    const served = await serve(options)
    return { served, refused: await upgrade(served, asked) }
  }
  /** Opens sockets, which stay open, until one is refused. */
  const untilRefused = async (limits: object) => {
    const served = await serve({ limits })
    return { served, refused: await until('a refusal', () => upgrade(served)) }
  }

  const provocations: Record<RefusalCode, () => ReturnType<typeof once>> = {
    method: () => once({ method: 'POST' }),
    upgrade: () => once({ headers: { Upgrade: 'h2c' } }),
    key: () => once({ headers: { 'Sec-WebSocket-Key': 'short' } }),
    version: () => once({ headers: { 'Sec-WebSocket-Version': '12' } }),
    client_id: () => once({ path: `/socket/websocket?client_id=${'x'.repeat(65)}` }),
    unsupported_vsn: () => once({ path: '/socket/websocket?vsn=3.0.0' }),
    origin: () => once({ headers: { Origin: 'http://elsewhere.example' } }),
    invalid_token: () => once({ path: '/socket/websocket?token=x' }, { auth: { secret, invalidToken: 'reject' } }),
    not_found: () => once({ path: '/socket/other' }),
    too_many_of_address: () => untilRefused({ socketsPerAddress: 1 }),
    async unavailable() {
      const served = await serve()
      await served.headcount.close()
      return { served, refused: await upgrade(served) }
    },
    unchecked_token: () => once({ path: `/socket/websocket?token=${asymmetric}` }, { auth: unfetchable }),
    too_many_sockets: () => untilRefused({ sockets: 1 }),
    too_many_handshakes: () => untilRefused({ handshakesPerSecond: 1 }),
    memory: () => untilRefused({ memoryShare: 1e-9 }),
    lag: () => untilRefused({ lag: 1e-9 }),
  }
  testRows('Refused upgrades', provocations)
  test.each(docRows(page, 'Refused upgrades'))('%s is answered with %s, and is counted', async (code, status) => {
    const { served, refused } = await provocations[code as RefusalCode]()
    expect(refused).toEqual([Number(status), code])
    expect(await served.metric(`refused_upgrades_total{code="${code}"}`)).toBe(1)
  })
})

describe('HTTP', () => {
  const get = async (path: string, options = {}, init = {}) => {
    const served = await serve(options)
    return { served, response: await served.get(path, init) }
  }
  const closed = async (path: string) => {
    const served = await serve()
    await served.headcount.close()
    return { served, response: await served.get(path) }
  }
  const users = { auth: { secret }, topics: [{ pattern: 'a', access: 'users' }], authorize: () => false }
  const bearer = (authorization: string) => ({ headers: { authorization: `Bearer ${authorization}` } })

  const provocations: Record<ProblemCode, () => ReturnType<typeof get>> = {
    malformed_url: () => get('/api/counts/%E0%A4%A'),
    missing_topic: () => get('/api/counts'),
    too_many_topics: () => get(`/api/counts?${'topic=a&'.repeat(101)}`),
    invalid_topic: () => get(`/api/counts/${'x'.repeat(256)}`),
    unsupported_count: () => get('/api/counts/stream?topic=a&count=true'),
    upgrade_required: () => get('/socket/websocket'),
    unauthorized: () => get('/api/counts/a', users),
    invalid_token: () => get('/api/counts/a', users, bearer('x')),
    forbidden: () => get('/api/counts/a', users, bearer(tokenFor(secret, '7'))),
    unmatched_topic: () => get('/api/counts/b', users),
    not_found: () => get('/nothing'),
    method_not_allowed: () => get('/healthz', {}, { method: 'POST' }),
    async internal() {
      const metrics = createMetrics()
      const { text } = metrics
      metrics.text = () => Promise.reject(new Error('no metrics'))
      const answer = await get('/metrics', { metrics, operatorKey: 'key' }, bearer('key'))
      metrics.text = text
      return answer
    },
    not_ready: () => closed('/readyz'),
    async too_many_streams() {
      const served = await serve({ http: { streams: 1 } })
      new RawClient(served.port).get('/api/counts/a/stream')
      await until('a stream', async () => (await served.metric('streams')) === 1)
      return { served, response: await served.get('/api/counts/a/stream') }
    },
    unavailable: () => closed('/api/counts/a'),
  }
  testRows('HTTP', provocations)
  test.each(docRows(page, 'HTTP'))('%s is answered with %s, and is counted', async (code, status) => {
    const { served, response } = await provocations[code as ProblemCode]()
    expect([response.status, await response.json()]).toEqual([
      Number(status),
      { error: { code, message: expect.stringMatching(/./) } },
    ])
    expect(await served.metric(`http_refused_total{code="${code}"}`)).toBe(1)
  })
})

describe('HTTP connections', () => {
  const provocations: Record<CutOff, () => Promise<Served>> = {
    async stalled() {
      const groups = Array.from({ length: 1_000 }, (_, i) => `a group with a long name ${i}`)
      const served = await serve({ groups, http: { stallTimeout: 100 } })
      const client = new RawClient(served.port)
      client.socket.pause()
      const path = `/api/counts?${Array.from({ length: 99 }, (_, i) => `topic=${i}`).join('&')}`
      client.get(...Array(10).fill(path))
      return served
    },
    async pipelined() {
      const served = await serve()
      new RawClient(served.port).get(...Array(200).fill('/healthz'))
      return served
    },
  }
  testRows('HTTP connections', provocations)
  test.each(docRows(page, 'HTTP connections'))('%s is counted', async (code) => {
    const { metric } = await provocations[code as CutOff]()
    await until('a cut off', async () => (await metric(`http_refused_total{code="${code}"}`)) === 1)
  })
})

describe('Rejected tokens', () => {
  const signed = (claims: object, by = secret) => tokenFor(by, '7', { claims: { ...claims } })
  const now = Date.now() / 1000

  const emptyJwks = async () => ({ jwksUrl: await listen((_, response) => response.end('{"keys":[]}')) })

  const provocations: Record<
    InvalidReason | 'unchecked',
    [token: string, auth?: () => Promise<AuthOptions | undefined>]
  > = {
    too_long: ['x'.repeat(8193)],
    malformed: ['x'],
    algorithm: [asymmetric],
    signature: [signed({}, 'another secret')],
    unknown_key: [asymmetric, emptyJwks],
    unchecked: [asymmetric, async () => unfetchable],
    expired: [signed({ exp: now - 60 })],
    not_yet_valid: [signed({ nbf: now + 60 })],
    issuer: [signed({ iss: 'them' }), async () => ({ secret, issuer: 'us' })],
    audience: [signed({ aud: 'them' }), async () => ({ secret, audience: 'us' })],
    subject: [signed({ sub: '' })],
    topics: [signed({ topics: 7 })],
    no_keys: [signed({}), async () => undefined],
  }
  testRows('Rejected tokens', provocations)
  test.each(docRows(page, 'Rejected tokens'))('%s is counted', async (reason) => {
    const [token, auth = async () => ({ secret })] = provocations[reason as InvalidReason]
    const served = await serve({ auth: await auth() })
    await served.get('/api/counts/a', { headers: { authorization: `Bearer ${token}` } })
    expect(await served.metric(`invalid_tokens_total{reason="${reason}"}`)).toBe(1)
  })
})
