import { generateKeyPairSync } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { type AuthEnvironment, type AuthOptions, createAuth } from './auth.js'
import { signToken } from './sign.js'

const secret = 'a secret of at least thirty-two bytes'
const planted = 'planted-user-7f3a'
const key = new TextEncoder().encode(secret)
const sign = (payload: JWTPayload, alg = 'HS256', by: Uint8Array = key) =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(by)
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const verify = (token: string | null, options: AuthOptions = {}, environment: AuthEnvironment = {}) =>
  createAuth({ secret, ...options }, environment).verify(token)
const viewer = { kind: 'valid', userId: null }
const user = (userId: string) => ({ kind: 'valid', userId })
const invalid = (reason: string, refuse = false) => ({ kind: 'invalid', reason, refuse })
const inAnHour = Math.floor(Date.now() / 1000) + 3600

test('a client without a token is a viewer', async () => {
  expect(await verify(null)).toEqual(viewer)
})

test('without a key every token is invalid, and a client without a token is a viewer', async () => {
  const auth = createAuth()
  expect(await auth.verify(null)).toEqual(viewer)
  expect(await auth.verify(await sign({ sub: '7' }))).toEqual(invalid('no_keys'))
})

test('with two secrets during a replacement, tokens signed with either are valid, and no others', async () => {
  const other = 'another secret of at least 32 bytes'
  const bytes = (text: string) => new TextEncoder().encode(text)
  const auth = createAuth({ secret: [other, secret] })
  for (const by of [other, secret])
    expect(await auth.verify(await sign({ sub: '7' }, 'HS256', bytes(by)))).toEqual(user('7'))
  expect(await auth.verify(await sign({ sub: '7' }, 'HS256', bytes(`${other}.`)))).toEqual(invalid('signature'))
})

test('the clocks of issuer and server may differ by the leeway', async () => {
  const at = { date: () => new Date(1_000_000) }
  expect(await verify(await sign({ sub: '7', exp: 996 }), {}, at)).toEqual({ ...user('7'), expiresIn: 1000 })
  expect(await verify(await sign({ sub: '7', exp: 995 }), {}, at)).toEqual(invalid('expired'))
  expect(await verify(await sign({ sub: '7', nbf: 1005 }), {}, at)).toEqual(user('7'))
  expect(await verify(await sign({ sub: '7', nbf: 1030 }), { leeway: 30_000 }, at)).toEqual(user('7'))
})

test('the claim topics allows topics, with or without a user', async () => {
  const topics = ['team:7', 'room:*']
  expect(await verify(await sign({ sub: '7', topics }))).toEqual({ ...user('7'), topics })
  expect(await verify(await sign({ topics }))).toEqual({ ...viewer, topics })
  for (const wrong of ['team:7', [7], {}, null])
    expect(await verify(await sign({ sub: '7', topics: wrong }))).toEqual(invalid('topics'))
})

test.each(['HS256', 'HS384', 'HS512'])('a client with a token signed with %s and the secret is a user', async (alg) => {
  expect(await verify(await sign({ sub: '7', exp: inAnHour }, alg))).toMatchObject(user('7'))
})

test('a token that never expires is valid', async () => {
  expect(await verify(await sign({ sub: '7' }))).toEqual(user('7'))
})

test('an integer is the same user as its digits in a string', async () => {
  expect(await verify(await sign({ sub: 7 } as unknown as JWTPayload))).toEqual(user('7'))
})

test.each([
  ['absent', undefined],
  ['empty', ''],
  ['blank', ' '],
  ['null', null],
  ['an object', { id: 7 }],
  ['a list', ['7']],
  ['true', true],
  ['a fraction', 7.5],
  ['a number too large to be exact', 2 ** 53],
])('a user id that is %s is invalid', async (_, sub) => {
  expect(await verify(await sign({ sub } as JWTPayload))).toEqual(invalid('subject'))
})

test('another claim may hold the user id', async () => {
  const token = await sign({ sub: 'not me', user_id: 'me' })
  expect(await verify(token, { claim: 'user_id' })).toEqual(user('me'))
  expect(await verify(token, { claim: 'constructor' })).toEqual(invalid('subject'))
})

test('a token outside its time is invalid', async () => {
  const exact = { leeway: 0 }
  const at = { date: () => new Date(1_000_000) }
  expect(await verify(await sign({ sub: '7', exp: 1001 }), exact, at)).toEqual({ ...user('7'), expiresIn: 1000 })
  expect(await verify(await sign({ sub: '7', exp: 1000 }), exact, at)).toEqual(invalid('expired'))
  expect(await verify(await sign({ sub: '7', nbf: 1001 }), exact, at)).toEqual(invalid('not_yet_valid'))
  for (const claim of ['exp', 'nbf']) {
    expect(await verify(await sign({ sub: '7', [claim]: '9999999999' }))).toEqual(invalid('malformed'))
  }
})

test('a token with another issuer or audience is invalid, and the reason names the claim', async () => {
  const token = await sign({ sub: '7', iss: 'us', aud: ['other', 'here'] })
  expect(await verify(token, { issuer: 'us', audience: 'here' })).toEqual(user('7'))
  expect(await verify(token, { issuer: 'them' })).toEqual(invalid('issuer'))
  expect(await verify(token, { audience: 'there' })).toEqual(invalid('audience'))
  expect(await verify(await sign({ sub: '7' }), { issuer: 'us' })).toEqual(invalid('issuer'))
  expect(await verify(await sign({ sub: '7' }), { audience: 'here' })).toEqual(invalid('audience'))
})

test('a token that was signed with another key or changed is invalid', async () => {
  const other = new TextEncoder().encode(`${secret}!`)
  expect(await verify(await sign({ sub: '7' }, 'HS256', other))).toEqual(invalid('signature'))
  const [head, , signature] = (await sign({ sub: '7' })).split('.')
  expect(await verify(`${head}.${part({ sub: '8' })}.${signature}`)).toEqual(invalid('signature'))
})

test('an unsigned token is invalid in every spelling of "none"', async () => {
  for (const alg of ['none', 'None', 'NONE', '']) {
    expect(await verify(`${part({ alg })}.${part({ sub: '7' })}.`)).toEqual(invalid('algorithm'))
  }
})

test('a token signed with another algorithm is invalid', async () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA', 'HS1', 'dir']) {
    expect(await verify(`${part({ alg })}.${part({ sub: '7' })}.c2ln`)).toEqual(invalid('algorithm'))
  }
})

test.each([
  ['plain text', 'nonsense'],
  ['two parts', 'a.b'],
  ['four parts', 'a.b.c.d'],
  ['an empty header', '.b.c'],
  ['a header without an algorithm', `${part({})}.${part({ sub: '7' })}.c2ln`],
  ['a header that is not an object', `${part('HS256')}.${part({ sub: '7' })}.c2ln`],
  ['bytes', '\u0000\uffff\ud800'],
])('%s is malformed', async (_, token) => {
  expect(await verify(token)).toEqual(invalid('malformed'))
})

test('a payload that is not an object is malformed', async () => {
  const { CompactSign } = await import('jose')
  for (const payload of ['[]', '"7"', 'null', '{', '']) {
    const token = await new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key)
    expect(await verify(token)).toEqual(invalid('malformed'))
  }
})

test('a token of more than 8 KiB is rejected unread', async () => {
  const long = await sign({ sub: '7', padding: 'x'.repeat(8192) })
  expect(await verify(long)).toEqual(invalid('too_long'))
  expect(await verify(await sign({ sub: '7', padding: 'x'.repeat(5500) }))).toEqual(user('7'))
})

test('with "reject" a client with an invalid token is refused, and one without a token is still a viewer', async () => {
  expect(await verify('nonsense', { invalidToken: 'reject' })).toEqual(invalid('malformed', true))
  expect(await verify(null, { invalidToken: 'reject' })).toEqual(viewer)
})

test('an invalid outcome contains nothing of the token', async () => {
  const other = new TextEncoder().encode('another')
  const tokens = [
    await sign({ sub: planted, exp: 1 }),
    await sign({ sub: planted, nbf: inAnHour }),
    await sign({ sub: planted }, 'HS256', other),
    await sign({ sub: planted, iss: planted, aud: planted }),
    `${part({ alg: planted })}.${part({ sub: planted })}.`,
    planted,
  ]
  for (const token of tokens) {
    const outcome = await verify(token, { issuer: 'us' })
    expect(outcome.kind).toBe('invalid')
    expect(JSON.stringify(outcome)).not.toContain(planted)
    expect(JSON.stringify(outcome)).not.toContain(token.slice(0, 20))
  }
})

test('signToken signs a token that the same settings accept until it expires', async () => {
  const settings = { claim: 'uid', issuer: 'us', audience: 'here' }
  const at = 1_000_000_000
  const token = await signToken(secret, '7', { ...settings, expires: 60_000, now: () => at })
  const after = (ms: number) => verify(token, settings, { date: () => new Date(at + ms) })
  expect(await after(64_000)).toMatchObject(user('7'))
  expect(await after(65_000)).toEqual(invalid('expired'))
})

test.each<[object, string]>([
  [{}, 'auth: expected a secret or a jwksUrl, got neither'],
  [
    { secret: undefined },
    'auth.secret: expected a string, got undefined; is the environment variable that it is read from set?',
  ],
  [
    { jwksUrl: undefined },
    'auth.jwksUrl: expected a string, got undefined; is the environment variable that it is read from set?',
  ],
  [{ secret: null }, 'auth.secret: expected a string, got null'],
  [{ secret: ['a secret', undefined] }, 'auth.secret: expected a string, got undefined'],
  [{ secret: 7 }, 'auth.secret: expected a string, got number'],
  [{ secret: [] }, 'auth.secret: expected at least one character, got none'],
  [{ secret: '' }, 'auth.secret: expected at least one character, got none'],
  [{ secret, claim: '' }, 'auth.claim: expected the name of a claim, got an empty string'],
  [{ jwksUrl: 'file:///etc/passwd' }, 'auth.jwksUrl: expected an http or https URL, got file:'],
  [
    { jwksUrl: 'https://:planted@id.example/jwks.json' },
    'auth.jwksUrl: expected a URL without a name and a password, got one with them',
  ],
  [{ jwksUrl: 'nonsense' }, 'auth.jwksUrl: expected an http or https URL, got another string'],
  [{ secret, invalidToken: 'ignore' }, 'auth.invalidToken: expected "viewer" or "reject", got "ignore"'],
])('the options %j are rejected', (options, message) => {
  expect(() => createAuth(options as AuthOptions)).toThrow(expect.objectContaining({ code: 'bad_option', message }))
})

/** Self-signed, of Ed25519, as in the `x5c` of a JWKS. */
const certificate = [
  'MIIBLDCB36ADAgECAhQA3jLBZfJXLc4aeDVIjqZO3iH3XjAFBgMrZXAwDDEKMAgGA1UEAwwBYTAeFw0yNjExMjgwMTA2MzdaFw0y',
  'NjExMjkwMTA2MzdaMAwxCjAIBgNVBAMMAWEwKjAFBgMrZXADIQAUhso5knrok9Otj4Fq0+NomI3cFfU7Da8a3/pQnoac2qNTMFEw',
  'HQYDVR0OBBYEFChtc3Hx5xZT+D0gIGMJpk+eRFXTMB8GA1UdIwQYMBaAFChtc3Hx5xZT+D0gIGMJpk+eRFXTMA8GA1UdEwEB/wQF',
  'MAMBAf8wBQYDK2VwA0EAa8HnwRr74tAPmm+xf6psUUw+/013mIbgaXBDpPQI0bzbD1xrzGXw1pT11IX2g8pJe4SDnpd9LJeYyYNb',
  'P45eAQ==',
].join('')
const spki = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'pkcs1', format: 'der' })
const pem = '-----BEGIN PUBLIC KEY-----\nMIIB'

test.each([
  ['a key in PEM', pem],
  ['a key in PEM in base64', Buffer.from(pem).toString('base64')],
  ['a certificate in quotes', '"-----BEGIN CERTIFICATE-----'],
  ['a key in JSON', '{ "kty": "RSA" }'],
  ['a JWKS', '{"keys":[]}'],
  ['a JWKS in base64', Buffer.from('{"keys":[]}').toString('base64url')],
  ['a key in DER', spki.toString('base64')],
  ['a key of RSA in DER, in quotes', `"${rsa.toString('base64')}"\n`],
  ['a certificate in DER', certificate],
])('%s, which everyone may know, is no secret', (_, key) => {
  const message = /^auth.secret: expected a shared secret \(.*auth.jwksUrl\), got a key in PEM, DER or JSON$/
  expect(() => createAuth({ secret: ['a secret', key] })).toThrow(message)
})
