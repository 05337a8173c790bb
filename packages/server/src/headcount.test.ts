import { createServer, get } from 'node:http'
import { MemoryCluster, silentLogger } from '@headcount/core'
import type { Counts } from '@headcount/protocol'
import { pause, until, WireClient } from '@headcount/testing'
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { signToken } from './auth/sign.js'
import { createHeadcount } from './headcount.js'
import type { HeadcountOptions } from './options.js'
import { listen, serve } from './test/serve.js'

function create(options: HeadcountOptions = {}) {
  const headcount = createHeadcount(options)
  onTestFinished(() => headcount.close())
  return headcount
}

const expectedOrigins = 'expected origins such as https://example.com or https://*.example.com, or *'

test.each<[object | null, string]>([
  [null, 'expected an object with options, got null'],
  [[], 'expected an object with options, got an array'],
  [{ lease: Number.NaN }, 'lease: expected a number above 0, got NaN'],
  [{ lease: 0 }, 'lease: expected a number above 0, got 0'],
  [{ lease: '10' }, 'lease: expected a number above 0, got 10'],
  [{ limits: { frameBytes: -1 } }, 'limits.frameBytes: expected a number above 0, got -1'],
  [{ flush: { minimum: -1 } }, 'flush.minimum: expected a number of at least 0, got -1'],
  [{ flush: { share: Number.NaN } }, 'flush.share: expected a number above 0, got NaN'],
  [{ groups: ['users'] }, 'groups: expected two or more different names, got ["users"]'],
  [{ groups: ['a', 'a'] }, 'groups: expected two or more different names, got ["a","a"]'],
  [{ topics: 'video:*' }, 'topics: expected an array, got string'],
  [{ origins: '*' }, 'origins: expected an array, got string'],
  [{ operatorKey: '' }, 'operatorKey: expected letters, digits and . _ ~ + / - =, got others or none'],
  [{ topcs: ['video:*'] }, 'topcs: unknown option; did you mean topics?'],
  [{ jwtSecret: 'x' }, 'jwtSecret: unknown option; did you mean auth.secret?'],
  [{ secert: 'x' }, 'secert: unknown option; did you mean secret?'],
  [{ redis: 'redis://a' }, 'redis: unknown option; did you mean engine?'],
  [{ jwksUrl: 'x' }, 'jwksUrl: unknown option; did you mean auth.jwksUrl?'],
  [{ auth: { jwtSecret: 'x' } }, 'auth.jwtSecret: unknown option; did you mean auth.secret?'],
  [{ auth: { secert: 'x' } }, 'auth.secert: unknown option; did you mean auth.secret?'],
  [{ auth: { secret: null } }, 'auth.secret: expected a string, got null'],
  [{ secret: 'x', auth: { secret: ['y', null] } }, 'auth.secret: expected a string, got null'],
  [{ auth: null }, 'auth: expected an object, got null'],
  [{ auth: 'x' }, 'auth: expected an object, got string'],
  [{ authorize: true }, 'authorize: expected a function, got boolean'],
  [{ engine: {} }, 'engine: expected an engine, got object'],
  [{ logger: null }, 'logger: expected a logger, got null'],
  [{ webhooks: [{ url: 'https://a.example' }] }, 'webhooks: expected what createWebhooks returns, got an array'],
  [{ limits: { pingafter: 1 } }, 'limits.pingafter: unknown option; did you mean limits.pingAfter?'],
  [{ flush: { min: 1 } }, 'flush.min: unknown option'],
  [{ grace: 3000 }, 'grace: unknown option'],
  [
    { grace: 3000, limits: { sokets: 1 }, flush: { min: 1 } },
    'grace: unknown option\nlimits.sokets: unknown option; did you mean limits.sockets?\nflush.min: unknown option',
  ],
  [{ limits: 7 }, 'limits: expected an object, got number'],
  [{ secret: '' }, 'secret: expected a string that is not empty, got ""'],
  [{ secret: 7 }, 'secret: expected a string that is not empty, got number'],
  [{ metrics: {} }, 'metrics: expected what createMetrics returns, got object'],
  [{ origins: ['https://a.example', 'a.example'] }, `origins: ${expectedOrigins}, got "a.example"`],
  [{ origins: ['https://a.example/page'] }, `origins: ${expectedOrigins}, got "https://a.example/page"`],
  [{ origins: [7] }, `origins: ${expectedOrigins}, got 7`],
])('the options %j are rejected', (options, message) => {
  expect(() => createHeadcount(options as HeadcountOptions)).toThrow(
    expect.objectContaining({ code: 'bad_option', message }),
  )
})

test('a topic that is not a string matches no pattern', async () => {
  const headcount = create()
  for (const topic of [undefined, null, 7]) {
    expect(() => headcount.track(topic as never, 'a')).toThrow(expect.objectContaining({ code: 'unmatched_topic' }))
  }
})

test.each([
  { lease: Number.POSITIVE_INFINITY },
  { canary: 1e12 },
  { http: { stallTimeout: Number.POSITIVE_INFINITY } },
  { limits: { pingAfter: Number.POSITIVE_INFINITY, pongTimeout: 1e12 } },
])('a time may be longer than a timer of Node: %o', async (options) => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => void warnings.push(name)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const { get, url } = await serve(options)
  const client = await (await WireClient.open(url)).enter('a')
  expect((await get('/api/counts/a')).status).toBe(200)
  expect(warnings).toEqual([])
  client.drop()
})

test('the minimum flush interval may be 0, and an option may be undefined', () => {
  create({ flush: { minimum: 0 } })
  create({ lease: undefined, auth: undefined, groups: undefined, limits: undefined, operatorKey: undefined })
})

test.each<[object, string[]]>([
  [{ auth: { secret: 's'.repeat(32) }, operatorKey: 'o'.repeat(32), secret: undefined }, []],
  [
    { auth: { secret: 'short' } },
    ['auth.secret (HEADCOUNT_JWT_SECRET): expected 32 bytes or more, got 5: it can be guessed, or was cut off'],
  ],
  [
    { auth: { secret: ['s'.repeat(32), 'é'] } },
    [
      'auth.secret (HEADCOUNT_JWT_SECRET): expected 32 bytes or more, got 2: it can be guessed, or was cut off ' +
        'by a comma, which separates secrets in the environment',
    ],
  ],
  [{ secret: `${'s'.repeat(32)}\n` }, ['secret (HEADCOUNT_SECRET): it begins or ends with white space']],
])('the secrets %j are accepted with the warnings %j', (options, warnings) => {
  const logged: unknown[] = []
  const warn = (fields: object) => void logged.push(fields)
  create({ ...options, logger: { debug: warn, info: warn, warn, error: warn } })
  expect(logged).toEqual(warnings.map((reason) => ({ event: 'odd_secret', reason })))
})

const token = 'topic pattern "b" is for those with a token: no client can join without auth.secret'
const shield = 'topic pattern "b" has a shield, and limits.presencesPerAddress is 0: a visitor who'
const secret = 's'.repeat(32)
test.each<[object, object, string[]]>([
  [{}, {}, []],
  [{ access: 'users' }, {}, [token]],
  [{ access: 'token' }, {}, [token]],
  [{ access: 'users' }, { auth: { secret } }, []],
  [{ access: 'users' }, { auth: { jwksUrl: 'http://127.0.0.1:1/keys' } }, []],
  [{ shield: 5 }, {}, [shield]],
  [{ shield: 5 }, { limits: { presencesPerAddress: 2 } }, []],
])('the pattern %j with the options %j is accepted with the warnings %j', (pattern, options, warnings) => {
  const logged: { event: string; reason: string }[] = []
  const warn = (fields: (typeof logged)[number]) => void logged.push(fields)
  create({
    topics: ['a', { pattern: 'b', ...pattern }],
    ...options,
    logger: { debug: warn, info: warn, warn, error: warn },
  })
  expect(logged).toEqual(warnings.map((text) => ({ event: 'odd_option', reason: expect.stringContaining(text) })))
})

test.each<[unknown, unknown, string]>([
  [undefined, undefined, 'key: expected a string, got undefined'],
  [7, undefined, 'key: expected a string, got number'],
  ['', undefined, 'key: expected a string, got an empty one'],
  ['kiosk', null, 'user: expected a string, got null'],
  ['kiosk', 7, 'user: expected a string, got number'],
])(
  'a presence with the key %j and the user %j is refused: ids that are missing would be one',
  async (key, user, message) => {
    const headcount = create()
    const track = () => headcount.track('lobby', key as string, { user: user as string })
    expect(track).toThrow(expect.objectContaining({ code: 'bad_option', message }))
    expect(await headcount.counts('lobby')).toEqual({ users: { count: 0 }, viewers: { count: 0 } })
  },
)

test('the globals Request and Response are not replaced', () => {
  const before = [globalThis.Request, globalThis.Response]
  create()
  expect([globalThis.Request, globalThis.Response]).toEqual(before)
})

test('an option that is undefined has its default, also within others', async () => {
  const none = { limits: { topicBytes: undefined }, http: { streams: undefined }, flush: { share: undefined } }
  const topics = [{ pattern: 'a', unit: undefined, settle: undefined, access: undefined, alsoIn: undefined }]
  const { headcount, get } = await serve({ ...none, topics, origins: undefined })
  headcount.track('a', 'kiosk')
  expect(await (await get('/api/counts/a')).json()).toMatchObject({ counts: { viewers: { count: 1 } } })
  expect((await get(`/api/counts/${'x'.repeat(256)}`)).status).toBe(400)
})

test('without a logger, warnings and errors are written to stderr', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const { memoryEngine } = await import('@headcount/core')
  const open = () => Promise.reject(new TypeError('no'))
  await expect(create({ engine: { ...memoryEngine(), open } }).ready).rejects.toThrow('no')
  expect(write.mock.calls.map(([text]) => text)).toEqual([
    'headcount: engine failed to open {"event":"engine_open_failed","error":"TypeError","reason":"no"}\n',
  ])
})

test('without a logger, a token that was signed with another secret is reported', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const headcount = create({ auth: { secret: 's'.repeat(32) } })
  const authorization = `Bearer ${await signToken('a'.repeat(32), '7', { expires: 60_000 })}`
  await headcount.fetch(new Request('http://localhost/api/counts/lobby', { headers: { authorization } }))
  expect(write.mock.calls.map(([text]) => text)).toEqual([
    'headcount: invalid token {"event":"token_invalid","reason":"signature","refused":false}\n',
  ])
})

test('a WebSocket that reaches handle, because attach was not called, is logged', async () => {
  const logged: unknown[] = []
  const warn = (fields: object) => void logged.push(fields)
  const headcount = create({ logger: { ...silentLogger, warn } })
  const url = await listen(createServer(headcount.handle))
  await fetch(`${url}/socket/websocket`)
  // A proxy may send this header alone.
  await new Promise((done) => get(`${url}/socket/websocket`, { headers: { connection: 'upgrade' } }, done))
  expect(logged).toEqual([])
  await expect(WireClient.open(url)).rejects.toThrow('400')
  expect(logged).toEqual([{ event: 'not_attached' }])
})

test('a request that is being answered when the server closes gets its counts', async () => {
  const answers: (() => void)[] = []
  const authorize = () => new Promise<boolean>((resolve) => answers.push(() => resolve(true)))
  const { headcount, get } = await serve({ authorize })
  const answer = get('/api/counts/a')
  await until('the call of authorize', () => answers.length === 1)
  const closed = headcount.close()
  await pause(50)
  answers[0]!()
  expect((await answer).status).toBe(200)
  expect((await answer).headers.get('connection')).toBe('close')
  await closed
})

test('on another event than "counts" throws', () => {
  expect(() => create().on('count' as 'counts', () => {})).toThrow('on: expected the event "counts", got "count"')
})

test('on("counts") reports each change of a subscribed topic, and the zero after the last subscriber', async () => {
  const headcount = create()
  const seen: unknown[] = []
  headcount.on('counts', (topic, { viewers }) => seen.push([topic, viewers?.count]))
  const stream = await headcount.fetch(new Request('http://localhost/api/counts/lobby/stream'))
  const reader = stream.body!.getReader()
  await reader.read()
  headcount.track('lobby', 'kiosk')
  await expect.poll(() => seen).toEqual([['lobby', 1]])
  await reader.cancel()
  headcount.untrack('lobby', 'kiosk')
  await expect
    .poll(() => seen)
    .toEqual([
      ['lobby', 1],
      ['lobby', 0],
    ])
})

test('counts have the configured groups, also in their type', async () => {
  const byDefault = createHeadcount()
  onTestFinished(() => byDefault.close())
  expectTypeOf(await byDefault.counts('lobby')).toEqualTypeOf<Counts<'users' | 'viewers'>>()
  const headcount = createHeadcount({ groups: ['members', 'guests', 'bots'] })
  onTestFinished(() => headcount.close())
  headcount.track('lobby', 'crawler', { group: 'bots' })
  const counts = await headcount.counts('lobby')
  expectTypeOf(counts).toEqualTypeOf<Counts<'members' | 'guests' | 'bots'>>()
  expect(counts).toEqual({ members: { count: 0 }, guests: { count: 0 }, bots: { count: 1 } })
})

describe('a replica that starts beside others', () => {
  const unit = 'people'
  const [a, b] = ['a'.repeat(32), 'b'.repeat(32)] as const
  const jwt = (...secrets: string[]) => ({ secret: secrets.map((one) => one.repeat(32)) })

  /** The events that a replica logs if it starts while others with these options run. */
  async function startBeside(others: readonly HeadcountOptions[], options: HeadcountOptions) {
    const cluster = new MemoryCluster()
    for (const other of others) await create({ ...other, engine: cluster.engine() }).ready
    const logged: object[] = []
    const at = (fields: object) => void logged.push(fields)
    const logger = { debug: at, info: at, warn: at, error: at }
    await create({ ...options, engine: cluster.engine(), logger }).ready
    // Its requests are answered in turns of the event loop.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    return logged
  }

  test.each<[string, HeadcountOptions[], HeadcountOptions, number]>([
    [
      'another secret',
      [
        { unit, secret: a },
        { unit, secret: a },
      ],
      { unit, secret: b },
      2,
    ],
    ['another JWT secret', [{ unit, auth: jwt('a') }], { unit, auth: jwt('b', 'a') }, 1],
    [
      'another secret, in one of two',
      [
        { unit, secret: a },
        { unit, secret: b },
      ],
      { unit, secret: a },
      1,
    ],
  ])('warns of %s', async (_case, others, options, replicas) => {
    expect(await startBeside(others, options)).toEqual([{ event: 'secrets_differ', replicas }])
  })

  test.each<[string, HeadcountOptions[], HeadcountOptions]>([
    ['the same secret', [{ unit, secret: a }], { unit, secret: a }],
    [
      'the same secret and another JWT secret',
      [{ unit, secret: a, auth: jwt('a') }],
      { unit, secret: a, auth: jwt('b') },
    ],
    ['another secret, if it counts no people', [{ unit, secret: a }], { secret: b }],
    ['another secret, if they count no people', [{ secret: a }], { unit, secret: b }],
  ])('does not warn of %s', async (_case, others, options) => {
    expect(await startBeside(others, options)).toEqual([])
  })
})
