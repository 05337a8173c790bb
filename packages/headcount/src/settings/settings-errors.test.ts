import { expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.js'

const commandLine = new CommandLine()
const keys = 'pattern, unit, settle, access, badge, alsoIn, shield, history'

test.each([
  ['--port abc', '--port: expected a whole number from 0 to 65535, got "abc"'],
  ['--port 65536', '--port: expected a whole number from 0 to 65535, got 65536'],
  ['--port -1', '--port: expected a whole number from 0 to 65535, got -1'],
  ['--port 80.5', '--port: expected a whole number from 0 to 65535, got "80.5"'],
  ['--workers 0', '--workers: expected a whole number from 1 to 256, or auto, got 0'],
  ['--workers many', '--workers: expected a whole number from 1 to 256, or auto, got "many"'],
  ['--unit tabs', '--unit: expected one of connections, people, got "tabs"'],
  ['--settle 5s', '--settle: expected a whole number of ms from 0 to 600000, got "5s"'],
  ['--lease 10', '--lease: expected a whole number of ms from 100 to 86400000, got 10'],
  [
    '--origins a.example',
    '--origins: expected an origin such as https://example.com or https://*.example.com, or *, got "a.example"',
  ],
  [
    '--origins https://a.b/c',
    '--origins: expected an origin such as https://example.com or https://*.example.com, or *, got "https://a.b/c"',
  ],
  [
    '--redis redis://localhost:1?db=2',
    '--redis: expected only a database after the host, as in redis://user:password@host:6379/2, and %23 for #, ' +
      'got "redis://localhost:1?…"',
  ],
  // As in `redis://$REDIS_HOST` without this variable: node-redis would use localhost.
  ['--redis redis://', '--redis: expected a host, as in redis://host:6379, got "redis://"'],
  ['--redis redis:a:1', '--redis: expected a host, as in redis://host:6379, got "redis:a:1"'],
  ['--redis localhost:1', '--redis: expected a redis:// or rediss:// URL, got "localhost:1"'],
  ['--trust-proxy 10.0.0', '--trust-proxy: expected an address or a network such as 10.0.0.0/8, got "10.0.0"'],
  ['--port 5 --operator-port 5', '--operator-port: expected another port than that of the server, got 5'],
  ['--redis-prefix {a}', '--redis-prefix: expected a prefix without braces or spaces, got "{a}"'],
  ['--topics a*b', /^--topics: topic pattern "a\*b": expected the name of a topic, or a prefix/],
])('%s is refused', async (line, message) => {
  expect(await commandLine.refused(line)).toEqual([
    message instanceof RegExp ? expect.stringMatching(message) : message,
  ])
})

test.each([
  ['HEADCOUNT_PORT', '1e3', 'HEADCOUNT_PORT: expected a whole number from 0 to 65535, got "1e3"'],
  [
    'HEADCOUNT_JWKS_URL',
    'id.example',
    'HEADCOUNT_JWKS_URL: expected an http or https URL without a name and a password, got "id.example"',
  ],
  [
    'HEADCOUNT_JWKS_URL',
    'https://me:planted@id.example',
    'HEADCOUNT_JWKS_URL: expected an http or https URL without a name and a password, got "https://…@id.example"',
  ],
  [
    'HEADCOUNT_UNIT',
    "'people'",
    `HEADCOUNT_UNIT (remove its quotes): expected one of connections, people, got "'people'"`,
  ],
  ['HEADCOUNT_REDIS_URL', ',', 'HEADCOUNT_REDIS_URL: expected one or more Redis URLs, got []'],
  ['HEADCOUNT_OPERATOR_KEY', 'a b', 'HEADCOUNT_OPERATOR_KEY: expected letters, digits and . _ ~ + / - =, got string'],
  [
    'HEADCOUNT_JWT_SECRET',
    '{"kty":"RSA","e":"AQAB"}',
    'HEADCOUNT_JWT_SECRET: expected a shared secret, no key in PEM, DER or JSON (see HEADCOUNT_JWKS_URL), got string',
  ],
  [
    'HEADCOUNT_JWT_SECERT',
    'x',
    'expected a known variable, got HEADCOUNT_JWT_SECERT; did you mean HEADCOUNT_JWT_SECRET?',
  ],
  ['HEADCOUNT_WORKER', '4', 'expected a known variable, got HEADCOUNT_WORKER; did you mean HEADCOUNT_WORKERS?'],
  [
    'HEADCOUNT_INVALID_TOKEN',
    'reject',
    'HEADCOUNT_INVALID_TOKEN: expected HEADCOUNT_JWT_SECRET or HEADCOUNT_JWKS_URL beside "reject", got neither, ' +
      'so no token can be verified',
  ],
])('%s=%s is refused', async (name, value, message) => {
  expect(await commandLine.refused('', { [name]: value })).toEqual([message])
})

test.each<[object, string]>([
  [{ port: '80' }, 'port in FILE: expected a whole number from 0 to 65535, got "80"'],
  [{ port: null }, 'port in FILE: expected a whole number from 0 to 65535, got null'],
  [{ topics: [] }, 'topics in FILE: expected one or more topic patterns, got []'],
  [{ topics: ['a', 7] }, 'topics[1] in FILE: expected a topic pattern such as video:*, or an object with one, got 7'],
  [
    { topics: [{ pattern: 'a', unit: 'tabs' }] },
    'topics in FILE: topic pattern "a": expected a unit of "connections" or "people", got "tabs"',
  ],
  [
    { topics: [{ pattern: 'a', acess: 'users' }] },
    `topics in FILE: topic pattern "a": expected only ${keys}, got "acess"; did you mean access?`,
  ],
  [{ groups: ['one'] }, 'groups in FILE: expected a list of two or more different names, got ["one"]'],
  [{ groups: ['a', 'a'] }, 'groups in FILE: expected a list of two or more different names, got ["a","a"]'],
  [{ auth: 'secret' }, 'auth in FILE: expected an object, got string'],
  [{ auth: { secret: [] } }, 'auth.secret in FILE: expected one or more secrets, got an empty list'],
  [
    { auth: { secret: ['s'.repeat(32), ''] } },
    'auth.secret[1] in FILE: expected a shared secret, no key in PEM, DER or JSON (see HEADCOUNT_JWKS_URL), ' +
      'got an empty text',
  ],
  [{ secret: '' }, 'secret in FILE: expected a secret, got an empty text'],
  [
    { limits: { pingAfter: 1 } },
    'limits.pingAfter in FILE: expected a whole number of ms from 1000 to 86400000, got 1',
  ],
  [{ flush: { minimum: 3000 } }, 'flush.minimum in FILE: expected at most flush.maximum, got 3000 and 2000'],
  [{ prot: 1 }, 'FILE: expected a known key, got prot; did you mean port?'],
  [{ auth: { claims: 'x' } }, 'FILE: expected a known key, got auth.claims; did you mean auth.claim?'],
  [{ jwtSecret: 'x' }, 'FILE: expected a known key, got jwtSecret; did you mean auth.secret?'],
  [{ secert: 'x' }, 'FILE: expected a known key, got secert; did you mean secret?'],
  [{ jwksUrl: 'x' }, 'FILE: expected a known key, got jwksUrl; did you mean auth.jwksUrl?'],
  [{ redisUrl: 'x' }, 'FILE: expected a known key, got redisUrl; did you mean redis?'],
  [{ pingAfter: 1 }, 'FILE: expected a known key, got pingAfter; did you mean limits.pingAfter?'],
  [{ zz: 1 }, 'FILE: expected a known key, got zz'],
  [{ limits: { zzzzzzzz: 1 } }, 'FILE: expected a known key, got limits.zzzzzzzz'],
])('%j is refused', async (config, message) => {
  await commandLine.config(config)
  expect(await commandLine.refused()).toEqual([message.replace('FILE', 'headcount.config.json')])
})

test('all invalid settings are reported at once', async () => {
  await commandLine.config({ lease: 1 })
  const lines = await commandLine.refused('--port abc --unit tabs', { HEADCOUNT_SETTLE: 'x' })
  const names = ['--port', '--unit', 'HEADCOUNT_SETTLE', 'lease in headcount.config.json']
  expect(lines.map((line) => line.split(':')[0])).toEqual(names)
})

test('the secret of a webhook is asked for by its variable', async () => {
  await commandLine.config({
    webhooks: [{ url: 'https://a.example', secret: `whsec_${'a'.repeat(32)}` }, 'https://b.example'],
  })
  const expected = 'HEADCOUNT_WEBHOOK_SECRET: expected'
  expect(await commandLine.refused()).toEqual([`${expected} a secret that signs webhooks[1], or its own, got none`])
  const env = { HEADCOUNT_WEBHOOK_SECRET: 'planted' }
  expect(await commandLine.refused('', env)).toEqual([
    'HEADCOUNT_WEBHOOK_SECRET: expected "whsec_" and 24 to 64 bytes as base64, got string',
  ])
})

test('unknown keys of several patterns are reported at once', async () => {
  const topics = [
    { pattern: 'a', acess: 'users' },
    { pattern: 'b', unti: 'people' },
  ]
  await commandLine.config({ topics })
  expect(await commandLine.refused()).toEqual([
    expect.stringMatching(
      /^topics in headcount\.config\.json: topic pattern "a": .+ got "acess"; did you mean access\?$/,
    ),
    expect.stringMatching(/^topics in headcount\.config\.json: topic pattern "b": .+ got "unti"; did you mean unit\?$/),
  ])
})

test('people over Redis need a secret that all servers share', async () => {
  const line = '--redis redis://a --unit people'
  expect(await commandLine.refused(line)).toEqual([expect.stringMatching(/^HEADCOUNT_SECRET: expected a secret/)])
  for (const name of ['HEADCOUNT_SECRET', 'HEADCOUNT_JWT_SECRET']) {
    await commandLine.load(line, { [name]: 'x'.repeat(32) })
  }
  await commandLine.load('--redis redis://a')
})

test('no error shows a secret', async () => {
  await commandLine.config({
    port: 'x',
    secret: ['hunter2'],
    operatorKey: { key: 'hunter2' },
    auth: { secret: 7, jwksUrl: 'ftp://me:hunter2@id.example' },
  })
  const lines = await commandLine.refused('', { HEADCOUNT_REDIS_URL: 'rdis://me:hunter2@a,me:hunter2@b' })
  expect(lines).toHaveLength(6)
  expect(lines.join('\n')).not.toContain('hunter2')
  expect(lines).toContain('secret in headcount.config.json: expected a secret, got a list')
  expect(lines).toContain('HEADCOUNT_REDIS_URL: expected a redis:// or rediss:// URL, got "rdis://…@a"')
  for (const url of ['redis://me#1:hunter2@host', 'redis://me:1#hunter2@host', 'redis://host?password=hunter2']) {
    expect((await commandLine.refused('', { HEADCOUNT_REDIS_URL: url })).join('\n')).not.toContain('hunter2')
  }
})
