import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HeadcountError } from '../errors.js'
import type { HeadcountConfig } from './config.js'
import { parseFlags } from './flags.js'
import { loadSettings } from './load.js'
import { configFlag, settingsTable } from './table.js'

const flags = [...settingsTable.flatMap(({ flag }) => flag ?? []), configFlag]

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'headcount-settings-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const write = (name: string, text: string) => writeFile(join(cwd, name), text)
const config = (value: HeadcountConfig | object) => write('headcount.config.json', JSON.stringify(value))

/** Settings from a command line and an environment. */
const load = async (line = '', env: Record<string, string> = {}) =>
  loadSettings({ flags: parseFlags(flags, line === '' ? [] : line.split(' ')), env, cwd })

/** The lines with which the settings are refused. */
async function refused(line = '', env: Record<string, string> = {}): Promise<string[]> {
  try {
    await load(line, env)
  } catch (error) {
    expect(error).toBeInstanceOf(HeadcountError)
    expect((error as HeadcountError).code).toBe('bad_setting')
    return (error as HeadcountError).message.split('\n')
  }
  throw new Error('expected the settings to be refused, got none')
}

test('with nothing said, the settings are those of the table', async () => {
  expect(await load()).toEqual({
    port: 4000,
    host: '127.0.0.1',
    redis: [],
    workers: 1,
    topics: [{ pattern: '*', unit: 'connections', grace: 0, access: 'everyone' }],
    groups: undefined,
    lease: 10_000,
    secret: undefined,
    operatorKey: undefined,
    origins: undefined,
    demo: false,
    logLevel: 'info',
    auth: { claim: 'sub', invalidToken: 'viewer' },
    limits: {},
    flush: {},
    warnings: [],
  })
})

test('every setting can be a flag', async () => {
  const settings = await load(
    '--port 1 --host ::1 --topics video:* --topics a,b --unit people --grace 5 --origins https://a.example/ ' +
      '--demo --workers auto --lease 500 --log-level debug --redis redis://a:1',
    { HEADCOUNT_SECRET: 'x'.repeat(32) },
  )
  expect(settings).toMatchObject({
    port: 1,
    host: '::1',
    redis: ['redis://a:1'],
    workers: 'auto',
    lease: 500,
    origins: ['https://a.example'],
    demo: true,
    logLevel: 'debug',
  })
  expect(settings.topics.map(({ pattern, unit, grace }) => [pattern, unit, grace])).toEqual([
    ['video:*', 'people', 5],
    ['a', 'people', 5],
    ['b', 'people', 5],
  ])
})

test('every setting can be in the environment', async () => {
  const settings = await load('', {
    HEADCOUNT_PORT: '1',
    HEADCOUNT_HOST: '0.0.0.0',
    HEADCOUNT_TOPICS: 'video:*, a',
    HEADCOUNT_UNIT: 'people',
    HEADCOUNT_GRACE: '5',
    HEADCOUNT_ORIGINS: '*',
    HEADCOUNT_DEMO: 'true',
    HEADCOUNT_REDIS_URL: 'redis://a:1,rediss://b:2',
    HEADCOUNT_WORKERS: '4',
    HEADCOUNT_LEASE: '500',
    HEADCOUNT_LOG_LEVEL: 'warn',
    HEADCOUNT_JWT_SECRET: 's'.repeat(32),
    HEADCOUNT_JWKS_URL: 'https://id.example/jwks.json',
    HEADCOUNT_JWT_CLAIM: 'uid',
    HEADCOUNT_JWT_ISSUER: 'us',
    HEADCOUNT_JWT_AUDIENCE: 'here',
    HEADCOUNT_INVALID_TOKEN: 'reject',
    HEADCOUNT_SECRET: 'p'.repeat(32),
    HEADCOUNT_OPERATOR_KEY: 'o'.repeat(32),
  })
  expect(settings).toMatchObject({
    port: 1,
    host: '0.0.0.0',
    topics: [
      { pattern: 'video:*', unit: 'people', grace: 5 },
      { pattern: 'a', unit: 'people', grace: 5 },
    ],
    origins: ['*'],
    demo: true,
    redis: ['redis://a:1', 'rediss://b:2'],
    workers: 4,
    lease: 500,
    logLevel: 'warn',
    auth: {
      secret: 's'.repeat(32),
      jwksUrl: 'https://id.example/jwks.json',
      claim: 'uid',
      issuer: 'us',
      audience: 'here',
      invalidToken: 'reject',
    },
    secret: 'p'.repeat(32),
    operatorKey: 'o'.repeat(32),
  })
})

test('the file can say all of it, and what is deeper', async () => {
  const limits = {
    topicsPerSocket: 1,
    heartbeat: 1000,
    frameBytes: 1024,
    topicBytes: 10,
    backlogBytes: 2048,
    messagesPerSecond: 5,
  }
  const flush = { minimum: 1, maximum: 10, framesPerSecond: 100 }
  await config({
    port: 1,
    topics: ['a', { pattern: 'b:*', unit: 'people', grace: 7, access: 'users' }],
    groups: ['members', 'guests'],
    auth: { secret: 's'.repeat(32), claim: 'uid' },
    limits,
    flush,
  } satisfies HeadcountConfig)
  expect(await load()).toMatchObject({
    port: 1,
    topics: [
      { pattern: 'a', unit: 'connections', grace: 0, access: 'everyone' },
      { pattern: 'b:*', unit: 'people', grace: 7, access: 'users' },
    ],
    groups: ['members', 'guests'],
    auth: { secret: 's'.repeat(32), claim: 'uid', invalidToken: 'viewer' },
    limits,
    flush,
  })
})

test('a flag wins over the environment, and both win over the file', async () => {
  await config({ port: 1, host: 'file', lease: 1000, auth: { claim: 'file', issuer: 'file' } })
  const env = { HEADCOUNT_PORT: '2', HEADCOUNT_HOST: 'env', HEADCOUNT_JWT_CLAIM: 'env' }
  expect(await load('--port 3', env)).toMatchObject({
    port: 3,
    host: 'env',
    lease: 1000,
    auth: { claim: 'env', issuer: 'file' },
  })
})

test('a list that wins replaces the other whole', async () => {
  await config({ topics: ['a', 'b'] })
  expect((await load('--topics c')).topics.map(({ pattern }) => pattern)).toEqual(['c'])
})

test('an empty variable is as good as none, and a key of the file that is undefined', async () => {
  await write('headcount.config.js', 'export default { host: undefined, auth: { secret: undefined } }')
  expect(await load('', { HEADCOUNT_PORT: '', HEADCOUNT_REDIS_URL: '' })).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    redis: [],
  })
})

test('a switch of the environment is on and off in the usual words', async () => {
  for (const on of ['1', 'true', 'YES', 'on'])
    expect((await load('', { HEADCOUNT_DEMO: on })).demo).toBe(true)
  for (const off of ['0', 'false', 'No', 'off'])
    expect((await load('', { HEADCOUNT_DEMO: off })).demo).toBe(false)
  expect(await refused('', { HEADCOUNT_DEMO: 'maybe' })).toEqual([
    'HEADCOUNT_DEMO: expected true or false, got "maybe"',
  ])
})

describe('a wrong setting is named as it was given, with what was expected and what was got', () => {
  test.each([
    ['--port abc', '--port: expected a whole number from 0 to 65535, got "abc"'],
    ['--port 65536', '--port: expected a whole number from 0 to 65535, got 65536'],
    ['--port -1', '--port: expected a whole number from 0 to 65535, got -1'],
    ['--port 0x50', '--port: expected a whole number from 0 to 65535, got "0x50"'],
    ['--port 80.5', '--port: expected a whole number from 0 to 65535, got 80.5'],
    ['--workers 0', '--workers: expected a whole number from 1 to 256, or auto, got 0'],
    ['--workers many', '--workers: expected a whole number from 1 to 256, or auto, got "many"'],
    ['--unit tabs', '--unit: expected one of connections, people, got "tabs"'],
    ['--grace 5s', '--grace: expected a whole number from 0 to 86400000, got "5s"'],
    ['--lease 10', '--lease: expected a whole number of ms from 100 to 86400000, got 10'],
    [
      '--origins example.com',
      '--origins: expected an origin such as https://example.com, or *, got "example.com"',
    ],
    [
      '--origins https://a.example/path',
      '--origins: expected an origin such as https://example.com, or *, got "https://a.example/path"',
    ],
    ['--redis localhost:6379', '--redis: expected a redis:// or rediss:// URL, got "localhost:6379"'],
    ['--log-level loud', '--log-level: expected one of debug, info, warn, error, silent, got "loud"'],
  ])('%s', async (line, message) => {
    expect(await refused(line)).toEqual([message])
  })

  test.each([
    [
      'HEADCOUNT_PORT',
      'tcp://10.0.0.1:4000',
      'expected a whole number from 0 to 65535, got "tcp://10.0.0.1:4000"',
    ],
    ['HEADCOUNT_JWKS_URL', 'id.example', 'expected an http or https URL, got "id.example"'],
    ['HEADCOUNT_INVALID_TOKEN', 'drop', 'expected one of viewer, reject, got "drop"'],
    ['HEADCOUNT_REDIS_URL', ',', 'expected one or more Redis URLs, got a list of 0'],
  ])('%s=%s', async (name, value, message) => {
    expect(await refused('', { [name]: value })).toEqual([`${name}: ${message}`])
  })

  test.each<[object, string]>([
    [{ port: '80' }, 'port in headcount.config.json: expected a whole number from 0 to 65535, got "80"'],
    [{ port: null }, 'port in headcount.config.json: expected a whole number from 0 to 65535, got null'],
    [{ demo: 'yes' }, 'demo in headcount.config.json: expected true or false, got "yes"'],
    [{ topics: [] }, 'topics in headcount.config.json: expected one or more topic patterns, got a list of 0'],
    [
      { topics: ['a', 7] },
      'topics[1] in headcount.config.json: expected a topic pattern such as video:*, or an object with one, got 7',
    ],
    [
      { topics: [{ pattern: 'a', unit: 'tabs' }] },
      'topics[0].unit in headcount.config.json: expected one of connections, people, got "tabs"',
    ],
    [
      { topics: [{ unit: 'people' }] },
      'topics[0].pattern in headcount.config.json: expected a topic pattern such as video:*, got undefined',
    ],
    [
      { groups: ['one'] },
      'groups in headcount.config.json: expected a list of two or more different names, got a list of 1',
    ],
    [
      { groups: ['a', 'a'] },
      'groups in headcount.config.json: expected a list of two or more different names, got a list of 2',
    ],
    [{ auth: 'secret' }, 'auth in headcount.config.json: expected an object, got "secret"'],
    [
      { limits: { heartbeat: 1 } },
      'limits.heartbeat in headcount.config.json: expected a whole number of ms from 100 to 86400000, got 1',
    ],
  ])('%j', async (value, message) => {
    await config(value)
    expect(await refused()).toEqual([message])
  })

  test('all that is wrong is said at once', async () => {
    await config({ lease: 1 })
    const lines = await refused('--port abc --unit tabs', { HEADCOUNT_HOST: 'ok', HEADCOUNT_GRACE: 'x' })
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'lease in headcount.config.json',
      'HEADCOUNT_GRACE',
      '--port',
      '--unit',
    ])
  })
})

test('an unknown key is named, with the one that was likely meant', async () => {
  await config({ prot: 1, auth: { claims: 'x' }, topics: [{ pattern: 'a', grce: 1 }], limits: { zzzzzz: 1 } })
  expect((await refused()).sort()).toEqual([
    'auth.claims in headcount.config.json: expected a known key, got claims; did you mean claim?',
    'limits.zzzzzz in headcount.config.json: expected a known key, got zzzzzz',
    'prot in headcount.config.json: expected a known key, got prot; did you mean port?',
    'topics[0].grce in headcount.config.json: expected a known key, got grce; did you mean grace?',
  ])
})

describe('what only shows where settings meet', () => {
  test('grace asks for people, and the one who gave it is named', async () => {
    const because = /^--grace: topic pattern "\*": expected unit "people" beside a grace of 5 ms/
    expect((await refused('--grace 5'))[0]).toMatch(because)
    expect((await refused('', { HEADCOUNT_GRACE: '5' }))[0]).toMatch(/^HEADCOUNT_GRACE: topic pattern/)
    await config({ topics: [{ pattern: 'a', grace: 5 }] })
    expect((await refused())[0]).toMatch(
      /^topics in headcount.config.json: topic pattern "a": expected unit "people"/,
    )
  })

  test('a default grace is for the patterns that count people', async () => {
    await config({ grace: 5, topics: [{ pattern: 'a', unit: 'people' }] })
    expect((await load()).topics).toMatchObject([{ pattern: 'a', grace: 5 }])
  })

  test('a pattern must be one', async () => {
    expect((await refused('--topics a*b'))[0]).toMatch(
      /^--topics: topic pattern "a\*b": expected a topic's name/,
    )
  })

  test('to reject invalid tokens takes something to check them with', async () => {
    expect((await refused('', { HEADCOUNT_INVALID_TOKEN: 'reject' }))[0]).toMatch(
      /^HEADCOUNT_INVALID_TOKEN: expected HEADCOUNT_JWT_SECRET or HEADCOUNT_JWKS_URL beside "reject", got neither/,
    )
  })

  test('the shortest flush is not longer than the longest', async () => {
    await config({ flush: { minimum: 3000 } })
    expect(await refused()).toEqual([
      'flush.minimum in headcount.config.json: expected no more than flush.maximum, got 3000 and 2000',
    ])
  })

  test('people over Redis take a secret that all servers share', async () => {
    const line = '--redis redis://a --unit people'
    expect((await refused(line))[0]).toMatch(/^HEADCOUNT_SECRET: expected a secret that all servers share/)
    expect((await refused(`${line} --demo`))[0]).toMatch(/^HEADCOUNT_SECRET/)
    await load(line, { HEADCOUNT_SECRET: 'x'.repeat(32) })
    await load(line, { HEADCOUNT_JWT_SECRET: 'x'.repeat(32) })
    await load('--redis redis://a')
  })
})

describe('secrets', () => {
  const planted = 'hunter2'

  test('are in no message, whatever else is wrong', async () => {
    await config({
      port: 'x',
      secret: [planted],
      operatorKey: { key: planted },
      auth: { secret: 7, jwksUrl: `ftp://me:${planted}@id.example` },
      redis: `http://:${planted}@redis.example`,
    })
    const lines = await refused('', {
      HEADCOUNT_JWT_SECRET: planted,
      HEADCOUNT_REDIS_URL: `rdis://me:${planted}@a,me:${planted}@b`,
      HEADCOUNT_PORT: 'y',
    })
    expect(lines).toHaveLength(9)
    expect(lines.join('\n')).not.toContain(planted)
    expect(lines).toContain('secret in headcount.config.json: expected a secret, got a list of 1')
    expect(lines).toContain('HEADCOUNT_REDIS_URL: expected a redis:// or rediss:// URL, got "rdis://…@a"')
  })

  test('that are short are warned of, without them', async () => {
    const { warnings } = await load('', {
      HEADCOUNT_JWT_SECRET: planted,
      HEADCOUNT_OPERATOR_KEY: 'x'.repeat(32),
    })
    expect(warnings).toEqual([
      'HEADCOUNT_JWT_SECRET: expected 32 bytes or more, got fewer, which can be guessed',
    ])
  })

  test('beside the demo are warned of: it signs tokens with them', async () => {
    const { warnings } = await load('--demo', { HEADCOUNT_JWT_SECRET: 'x'.repeat(32) })
    expect(warnings).toEqual([
      expect.stringMatching(/^--demo: expected no JWT secret beside the demo, got one/),
    ])
  })
})
