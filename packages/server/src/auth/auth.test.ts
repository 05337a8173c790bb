import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { type AuthOptions, createAuth } from './auth.js'
import { signToken } from './sign.js'

const secret = 'a secret of at least thirty-two bytes'
const planted = 'planted-user-7f3a'
const key = new TextEncoder().encode(secret)
const sign = (payload: JWTPayload, alg = 'HS256', by: Uint8Array = key) =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(by)
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const verify = async (token: string | null, options: AuthOptions = {}) =>
  createAuth({ secret, ...options }).verify(token)
const invalid = (reason: string, refuse = false) => ({ kind: 'invalid', user: null, reason, refuse })
const inAnHour = Math.floor(Date.now() / 1000) + 3600

test('no token makes a viewer, whether there is a secret or not', async () => {
  expect(await verify(null)).toEqual({ kind: 'viewer', user: null })
  expect(await createAuth().verify(null)).toEqual({ kind: 'viewer', user: null })
})

test('with nothing to check a token with, everyone is a viewer', async () => {
  expect(createAuth().enabled).toBe(false)
  expect(await createAuth().verify(await sign({ sub: '7' }))).toEqual({ kind: 'viewer', user: null })
})

test.each(['HS256', 'HS384', 'HS512'])('a token signed with %s and the secret makes a user', async (alg) => {
  expect(await verify(await sign({ sub: '7', exp: inAnHour }, alg))).toEqual({ kind: 'user', user: '7' })
})

test('a token without an end is good', async () => {
  expect((await verify(await sign({ sub: '7' }))).kind).toBe('user')
})

test('a number is a user as well, the same as its digits', async () => {
  expect((await verify(await sign({ sub: 7 } as unknown as JWTPayload))).user).toBe('7')
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
])('a claim that is %s is invalid', async (_, sub) => {
  expect(await verify(await sign({ sub } as JWTPayload))).toEqual(invalid('claim'))
})

test('another claim may hold the id', async () => {
  const token = await sign({ sub: 'not me', user_id: 'me' })
  expect((await verify(token, { claim: 'user_id' })).user).toBe('me')
  expect(await verify(token, { claim: 'constructor' })).toEqual(invalid('claim'))
})

test('an expired token is invalid, and one that is not good yet', async () => {
  const date = () => new Date(1_000_000)
  expect(await verify(await sign({ sub: '7', exp: 1001 }), { date })).toEqual({ kind: 'user', user: '7' })
  expect(await verify(await sign({ sub: '7', exp: 1000 }), { date })).toEqual(invalid('expired'))
  expect(await verify(await sign({ sub: '7', nbf: 1001 }), { date })).toEqual(invalid('not_yet'))
  expect(await verify(await sign({ sub: '7', exp: '9999999999' } as never))).toEqual(invalid('claim'))
})

test('the issuer and the audience must be those that are configured', async () => {
  const token = await sign({ sub: '7', iss: 'us', aud: ['other', 'here'] })
  expect((await verify(token, { issuer: 'us', audience: 'here' })).kind).toBe('user')
  expect(await verify(token, { issuer: 'them' })).toEqual(invalid('claim'))
  expect(await verify(token, { audience: 'there' })).toEqual(invalid('claim'))
  expect(await verify(await sign({ sub: '7' }), { issuer: 'us' })).toEqual(invalid('claim'))
})

test('a token that another key signed, or that was changed, is invalid', async () => {
  const other = new TextEncoder().encode(`${secret}!`)
  expect(await verify(await sign({ sub: '7' }, 'HS256', other))).toEqual(invalid('signature'))
  const [head, , signature] = (await sign({ sub: '7' })).split('.')
  expect(await verify(`${head}.${part({ sub: '8' })}.${signature}`)).toEqual(invalid('signature'))
})

test('an unsigned token is invalid, however it is spelt', async () => {
  for (const alg of ['none', 'None', 'NONE', '']) {
    expect(await verify(`${part({ alg })}.${part({ sub: '7' })}.`)).toEqual(invalid('algorithm'))
  }
})

test('a token signed otherwise than with the secret is invalid', async () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA', 'HS1', 'dir']) {
    expect(await verify(`${part({ alg })}.${part({ sub: '7' })}.c2ln`)).toEqual(invalid('algorithm'))
  }
})

test.each([
  ['no token at all', 'nonsense'],
  ['two parts', 'a.b'],
  ['four parts', 'a.b.c.d'],
  ['an empty head', '.b.c'],
  ['a head without an algorithm', `${part({})}.${part({ sub: '7' })}.c2ln`],
  ['a head that is no object', `${part('HS256')}.${part({ sub: '7' })}.c2ln`],
  ['bytes', '\u0000\uffff\ud800'],
])('%s is malformed', async (_, token) => {
  expect(await verify(token)).toEqual(invalid('malformed'))
})

test('a payload that is no object is malformed', async () => {
  const { CompactSign } = await import('jose')
  for (const payload of ['[]', '"7"', 'null', '{', '']) {
    const token = await new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key)
    expect(await verify(token)).toEqual(invalid('malformed'))
  }
})

test('a token of more than 8 KiB is not looked at', async () => {
  const long = await sign({ sub: '7', padding: 'x'.repeat(8192) })
  expect(await verify(long)).toEqual(invalid('too_long'))
  expect((await verify(await sign({ sub: '7', padding: 'x'.repeat(5500) }))).kind).toBe('user')
})

test('with "reject", an invalid token is to be refused, and no token is still a viewer', async () => {
  expect(await verify('nonsense', { invalidToken: 'reject' })).toEqual(invalid('malformed', true))
  expect((await verify(null, { invalidToken: 'reject' })).kind).toBe('viewer')
})

test('no invalid outcome holds anything of the token', async () => {
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

describe('signToken', () => {
  test('signs a token that the same settings take as that user, until it expires', async () => {
    const settings = { claim: 'uid', issuer: 'us', audience: 'here' }
    const at = 1_000_000_000
    const token = await signToken(secret, '7', { ...settings, expires: 60_000, now: () => at })
    const when = (ms: number) => verify(token, { ...settings, date: () => new Date(at + ms) })
    expect(await when(59_000)).toEqual({ kind: 'user', user: '7' })
    expect(await when(60_000)).toEqual(invalid('expired'))
  })
})

test.each([
  [{ secret: '' }, 'auth.secret: expected at least one character, got none'],
  [{ claim: '' }, 'auth.claim: expected the name of a claim, got an empty one'],
  [{ jwksUrl: 'file:///etc/passwd' }, 'auth.jwksUrl: expected an http or https URL, got file:'],
  [{ jwksUrl: 'nonsense' }, 'auth.jwksUrl: expected an http or https URL, got none'],
])('%j is refused', (options, message) => {
  expect(() => createAuth(options)).toThrow(expect.objectContaining({ code: 'bad_option', message }))
})
