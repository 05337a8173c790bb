import { describe, expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.js'
import { type HeadcountConfig, settings as table } from './definitions.js'

const commandLine = new CommandLine()
const secret = 's'.repeat(32)

test('without any source, settings have their defaults', async () => {
  expect(await commandLine.load()).toEqual({
    ...{ port: 4000, host: '127.0.0.1', workers: 1, lease: 10_000, logLevel: 'info', redisPrefix: 'hc' },
    ...{ operatorHost: '127.0.0.1', canary: 0, drainDelay: 5000, shieldTick: 10_000 },
    topics: [
      {
        ...{ pattern: '*', unit: 'connections', settle: 0, access: 'everyone', badge: false, alsoIn: [], shield: 0 },
        history: 'none',
      },
    ],
    auth: { claim: 'sub', leeway: 5000, invalidToken: 'viewer', expiredToken: 'viewer' },
    limits: expect.objectContaining({ topicsPerSocket: 100, historyTopics: 1_000, topicBytes: 255 }),
    http: { keepAlive: 75_000, requestTimeout: 10_000, headerBytes: 16_384, stallTimeout: 30_000, streams: 5_000 },
    flush: { minimum: 50, maximum: 2000, framesPerSecond: 4000, share: 0.5 },
    webhooks: [],
    warnings: [],
    effective: expect.any(Array),
  })
})

/** A text for each setting that has a flag or a variable. */
const texts: Readonly<Record<string, string>> = {
  ...{
    port: '2',
    host: '::1',
    workers: 'auto',
    lease: '500',
    logLevel: 'debug',
    operatorPort: '3',
    operatorHost: '::2',
  },
  ...{ redis: 'redis://a:1,rediss://b:2', redisPrefix: 'x', origins: 'https://a.example/,file://,*' },
  ...{ topics: 'video:*,a', unit: 'people', settle: '5', history: 'operators', secret, operatorKey: 'o'.repeat(32) },
  ...{ 'auth.secret': secret, 'auth.jwksUrl': 'https://id.example/jwks.json', 'auth.claim': 'uid' },
  ...{ 'auth.issuer': 'us', 'auth.audience': 'here', 'auth.invalidToken': 'reject' },
  ...{ 'auth.leeway': '9', 'auth.expiredToken': 'close', trustProxy: '10.0.0.0/8,::1' },
  ...{ drainDelay: '7', drainOver: '8', canary: '9' },
}
const values = {
  ...{ port: 2, host: '::1', workers: 'auto', lease: 500, logLevel: 'debug', operatorPort: 3, operatorHost: '::2' },
  ...{ redis: ['redis://a:1', 'rediss://b:2'], redisPrefix: 'x', origins: ['https://a.example', 'file://', '*'] },
  topics: ['video:*', 'a'].map((pattern) => ({ pattern, unit: 'people', settle: 5, history: 'operators' })),
  ...{ secret, operatorKey: 'o'.repeat(32), trustProxy: ['10.0.0.0/8', '::1'], drainDelay: 7, drainOver: 8, canary: 9 },
  auth: {
    ...{ secret: [secret], jwksUrl: 'https://id.example/jwks.json', claim: 'uid', leeway: 9 },
    ...{ issuer: 'us', audience: 'here', invalidToken: 'reject', expiredToken: 'close' },
  },
}

test.each([
  ['flags set settings, and variables those without a flag', true],
  ['variables set settings', false],
])('%s', async (_title, withFlags) => {
  const flags = withFlags ? table.filter(({ flag }) => flag !== undefined) : []
  const variables = table.filter((setting) => setting.env !== undefined && !flags.includes(setting))
  const line = flags.map(({ flag, path }) => `--${flag} ${texts[path]}`).join(' ')
  const env = Object.fromEntries(variables.map(({ env, path }) => [env, texts[path]!]))
  expect(await commandLine.load(line, env)).toMatchObject(values)
})

test('the last of repeated flags wins, and lists are joined', async () => {
  const settings = await commandLine.load('--port 1 --port 2 --topics video:* --topics a,b', {
    HEADCOUNT_ORIGINS: 'https://a.b, *',
  })
  expect(settings).toMatchObject({ port: 2, origins: ['https://a.b', '*'] })
  expect(settings.topics.map(({ pattern }) => pattern)).toEqual(['video:*', 'a', 'b'])
})

test('the config file sets all settings', async () => {
  const config = {
    port: 1,
    topics: ['a', { pattern: 'b:*', unit: 'people', settle: 7, access: 'users', badge: true }],
    shieldTick: 5000,
    groups: ['members', 'guests', 'bots'],
    origins: 'https://a.example',
    auth: { secret, claim: 'uid' },
    limits: { topicsPerSocket: 1, pingAfter: 1000, frameBytes: 1024, topicBytes: 10, backlogBytes: 2048 },
    flush: { minimum: 1, maximum: 10, framesPerSecond: 100, share: 0.25 },
  } satisfies HeadcountConfig
  await commandLine.config(config)
  expect(await commandLine.load()).toMatchObject({
    ...config,
    origins: ['https://a.example'],
    auth: { secret: [secret], claim: 'uid' },
    topics: [
      { pattern: 'a', unit: 'connections', settle: 0, access: 'everyone', badge: false, alsoIn: [], shield: 0 },
      { pattern: 'b:*', unit: 'people', settle: 7, access: 'users', badge: true, alsoIn: [], shield: 0 },
    ],
  })
})

describe('precedence', () => {
  test('a flag wins over the environment, and both win over the file', async () => {
    await commandLine.config({ port: 1, host: 'file', lease: 1000, auth: { claim: 'file', issuer: 'file' } })
    const env = { HEADCOUNT_PORT: '2', HEADCOUNT_HOST: 'env', HEADCOUNT_JWT_CLAIM: 'env' }
    expect(await commandLine.load('--port 3', env)).toMatchObject({
      ...{ port: 3, host: 'env', lease: 1000 },
      auth: { claim: 'env', issuer: 'file' },
    })
  })

  test('a list replaces that of a weaker source as a whole', async () => {
    await commandLine.config({ topics: ['a', 'b'] })
    expect((await commandLine.load('--topics c')).topics.map(({ pattern }) => pattern)).toEqual(['c'])
  })

  test('a value that a stronger source overrides is not checked', async () => {
    await commandLine.config({ port: 'x', lease: -1 })
    const env = { HEADCOUNT_PORT: 'y', HEADCOUNT_LEASE: '500' }
    expect(await commandLine.load('--port 3', env)).toMatchObject({ port: 3, lease: 500 })
  })

  test('an empty variable and an undefined key count as unset', async () => {
    await commandLine.write('headcount.config.js', 'export default { host: undefined, auth: { claim: undefined } }')
    const settings = await commandLine.load('', { HEADCOUNT_PORT: '', HEADCOUNT_REDIS_URL: '' })
    expect(settings).toMatchObject({ port: 4000, host: '127.0.0.1', redis: undefined, auth: { claim: 'sub' } })
  })
})

describe('warnings', () => {
  test.each([
    ['HEADCOUNT_PORT', 'tcp://10.0.0.1:4000', 'HEADCOUNT_PORT is ignored: it is a Kubernetes service link'],
    [
      'HEADCOUNT_OPERATOR_PORT',
      'tcp://10.0.0.1:1',
      'HEADCOUNT_OPERATOR_PORT is ignored: it is a Kubernetes service link',
    ],
    ['HEADCOUNT_VERSION', '3', 'HEADCOUNT_VERSION is ignored: headcount has no such variable'],
    ['HEADCOUNT_JWT_SECRET', '"a"', 'HEADCOUNT_JWT_SECRET is in quotes, which are part of the value: remove them'],
    ['HEADCOUNT_JWT_ISSUER', "'a'", 'HEADCOUNT_JWT_ISSUER is in quotes, which are part of the value: remove them'],
    ['HEADCOUNT_TOPICS', '"a"', 'HEADCOUNT_TOPICS is in quotes, which are part of the value: remove them'],
    ['HEADCOUNT_JWT_AUDIENCE', 'a\r', 'HEADCOUNT_JWT_AUDIENCE begins or ends with white space'],
    ['HEADCOUNT_JWT_SECRET', 'a, b\n', 'HEADCOUNT_JWT_SECRET begins or ends with white space'],
  ])('%s=%s', async (name, value, warning) => {
    const { port, warnings } = await commandLine.load('', { [name]: value })
    expect({ port, warnings }).toEqual({ port: 4000, warnings: [warning] })
  })

  test('are not given for the variables of other commands', async () => {
    const { warnings } = await commandLine.load('', { HEADCOUNT_URL: 'http://localhost:4000', HEADCOUNT_TOKEN: 'a' })
    expect(warnings).toEqual([])
  })

  test('other Kubernetes service links are ignored silently', async () => {
    const env = { HEADCOUNT_SERVICE_HOST: '10.0.0.1', HEADCOUNT_PORT_4000_TCP_PORT: '4000' }
    expect((await commandLine.load('', env)).warnings).toEqual([])
  })

  test('topics of a webhook that no pattern allows, or that have a shield', async () => {
    const topics = ['video:*', 'room:1', { pattern: 'clinic:*', shield: 5 }]
    const of = (url: string) => ({ url, secret: `whsec_${'a'.repeat(32)}` })
    const given = ['video:42', 'vid*', 'room:*', 'vdeo:*', 'room:2', 'clinic:*']
    const webhooks = [of('https://a.example'), { ...of('https://b.example'), topics: given }]
    await commandLine.config({ topics, webhooks })
    expect((await commandLine.load()).warnings).toEqual(
      ['vdeo:*', 'room:2', 'clinic:*'].map(
        (one) => `webhooks[1].topics: no topic pattern without a shield allows "${one}"`,
      ),
    )
  })

  test('a secret that is undefined in the config file', async () => {
    await commandLine.write('headcount.config.js', 'export default { auth: { secret: process.env.ABSENT } }')
    const warning = 'auth.secret in headcount.config.js is undefined, so it is not set'
    expect((await commandLine.load()).warnings).toEqual([warning])
  })
})
