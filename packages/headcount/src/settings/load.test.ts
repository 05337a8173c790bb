import { expect, test } from 'vitest'
import { Folder } from '../test/folder.js'
import type { HeadcountConfig } from './config.js'

const folder = new Folder()

test('with nothing said, the settings are those of the table', async () => {
  expect(await folder.load()).toEqual({
    port: 4000,
    host: '127.0.0.1',
    redis: [],
    workers: 1,
    topics: [{ pattern: '*', unit: 'connections', settle: 0, access: 'everyone' }],
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
  const settings = await folder.load(
    '--port 1 --host ::1 --topics video:* --topics a,b --unit people --settle 5 --origins https://a.example/ ' +
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
  expect(settings.topics.map(({ pattern, unit, settle }) => [pattern, unit, settle])).toEqual([
    ['video:*', 'people', 5],
    ['a', 'people', 5],
    ['b', 'people', 5],
  ])
})

test('every setting can be in the environment', async () => {
  const settings = await folder.load('', {
    HEADCOUNT_PORT: '1',
    HEADCOUNT_HOST: '0.0.0.0',
    HEADCOUNT_TOPICS: 'video:*, a',
    HEADCOUNT_UNIT: 'people',
    HEADCOUNT_SETTLE: '5',
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
      { pattern: 'video:*', unit: 'people', settle: 5 },
      { pattern: 'a', unit: 'people', settle: 5 },
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
  const flush = { minimum: 1, maximum: 10, framesPerSecond: 100, share: 0.25 }
  await folder.config({
    port: 1,
    topics: ['a', { pattern: 'b:*', unit: 'people', settle: 7, access: 'users' }],
    groups: ['members', 'guests'],
    auth: { secret: 's'.repeat(32), claim: 'uid' },
    limits,
    flush,
  } satisfies HeadcountConfig)
  expect(await folder.load()).toMatchObject({
    port: 1,
    topics: [
      { pattern: 'a', unit: 'connections', settle: 0, access: 'everyone' },
      { pattern: 'b:*', unit: 'people', settle: 7, access: 'users' },
    ],
    groups: ['members', 'guests'],
    auth: { secret: 's'.repeat(32), claim: 'uid', invalidToken: 'viewer' },
    limits,
    flush,
  })
})

test('a flag wins over the environment, and both win over the file', async () => {
  await folder.config({ port: 1, host: 'file', lease: 1000, auth: { claim: 'file', issuer: 'file' } })
  const env = { HEADCOUNT_PORT: '2', HEADCOUNT_HOST: 'env', HEADCOUNT_JWT_CLAIM: 'env' }
  expect(await folder.load('--port 3', env)).toMatchObject({
    port: 3,
    host: 'env',
    lease: 1000,
    auth: { claim: 'env', issuer: 'file' },
  })
})

test('a list that wins replaces the other whole', async () => {
  await folder.config({ topics: ['a', 'b'] })
  expect((await folder.load('--topics c')).topics.map(({ pattern }) => pattern)).toEqual(['c'])
})

test('an empty variable is as good as none, and a key of the file that is undefined', async () => {
  await folder.write('headcount.config.js', 'export default { host: undefined, auth: { secret: undefined } }')
  expect(await folder.load('', { HEADCOUNT_PORT: '', HEADCOUNT_REDIS_URL: '' })).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    redis: [],
  })
})

test('a switch of the environment is on and off in the usual words', async () => {
  for (const on of ['1', 'true', 'YES', 'on']) expect((await folder.load('', { HEADCOUNT_DEMO: on })).demo).toBe(true)
  for (const off of ['0', 'false', 'No', 'off'])
    expect((await folder.load('', { HEADCOUNT_DEMO: off })).demo).toBe(false)
  expect(await folder.refused('', { HEADCOUNT_DEMO: 'maybe' })).toEqual([
    'HEADCOUNT_DEMO: expected true or false, got "maybe"',
  ])
})
