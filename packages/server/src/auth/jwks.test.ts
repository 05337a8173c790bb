import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuth } from './auth.js'

interface Signer {
  readonly alg: string
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

async function signer(alg: string, kid: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

const tokenOf = ({ alg, kid, privateKey }: Signer, sub = '7') =>
  new SignJWT({ sub }).setProtectedHeader({ alg, kid }).sign(privateKey)
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const user = (userId: string) => ({ kind: 'valid', userId })
const unchecked = { kind: 'unchecked' }
const invalid = (reason: string) => ({ kind: 'invalid', reason, refuse: false })

let server: Server
let url: string
let keys: JWK[]
let answer: RequestListener
let fetches: number

beforeEach(async () => {
  keys = []
  fetches = 0
  answer = (_, response) => void response.end(JSON.stringify({ keys }))
  server = createServer((request, response) => {
    fetches++
    answer(request, response)
  })
  url = `http://127.0.0.1:${await listenLocally(server)}/jwks.json`
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
  'a client with a token signed with a published key (%s) is a user',
  async (alg) => {
    const ours = await signer(alg, 'k1')
    keys.push(ours.jwk)
    expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual(user('7'))
  },
)

test.each([
  ['EdDSA', 'Ed25519'],
  ['Ed25519', 'EdDSA'],
])('a token of %s is verified with a key of the same algorithm by its other name, %s', async (alg, other) => {
  const ours = await signer(alg, 'k1')
  keys.push({ ...ours.jwk, alg: other })
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual(user('7'))
  keys[0] = { ...ours.jwk, use: 'enc' }
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual(invalid('unknown_key'))
})

test('keys behind a byte order mark are read', async () => {
  const ours = await signer('ES256', 'k1')
  answer = (_, response) => void response.end(`\ufeff${JSON.stringify({ keys: [ours.jwk] })}`)
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual(user('7'))
})

test('the keys are fetched when first needed, once for concurrent tokens, and cached', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push(ours.jwk)
  const auth = createAuth({ jwksUrl: url })
  expect(fetches).toBe(0)
  const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => tokenOf(ours, String(i))))
  const outcomes = await Promise.all(tokens.map((token) => auth.verify(token)))
  expect(outcomes).toEqual(tokens.map((_, i) => user(String(i))))
  expect((await auth.verify(tokens[0]!)).kind).toBe('valid')
  expect(fetches).toBe(1)
})

test('a key that is published later is found, and unknown keys do not cause repeated fetches', async () => {
  const [first, second, stranger] = await Promise.all([
    signer('ES256', 'k1'),
    signer('ES256', 'k2'),
    signer('ES256', 'k3'),
  ])
  keys.push(first.jwk)
  let now = 0
  const auth = createAuth({ jwksUrl: url }, { jwks: { cooldown: 0, retryDelay: 1000, now: () => now } })
  expect((await auth.verify(await tokenOf(first))).kind).toBe('valid')
  keys.push(second.jwk)
  now = 1000
  expect((await auth.verify(await tokenOf(second))).kind).toBe('valid')
  expect(fetches).toBe(2)
  for (let i = 0; i < 20; i++) expect((await auth.verify(await tokenOf(stranger))).kind).toBe('invalid')
  expect(fetches).toBe(2)
  now = 2000
  expect(await auth.verify(await tokenOf(stranger))).toEqual(invalid('unknown_key'))
  expect(fetches).toBe(3)
})

test('a token signed with another key of the same id is invalid', async () => {
  const [ours, theirs] = await Promise.all([signer('ES256', 'k1'), signer('ES256', 'k1')])
  keys.push(ours.jwk)
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(theirs))).toEqual(invalid('signature'))
})

test('a published key never verifies HS256, not even a token signed with the text of the key itself', async () => {
  const ours = await signer('RS256', 'k1')
  keys.push(ours.jwk, { kty: 'oct', kid: 'k2', k: part('published'), alg: 'HS256' })
  const auth = createAuth({ jwksUrl: url })
  const publicText = new TextEncoder().encode(JSON.stringify(ours.jwk))
  for (const by of [publicText, Buffer.from(part('published'), 'base64url')]) {
    for (const kid of ['k1', 'k2']) {
      const token = await new SignJWT({ sub: '7' }).setProtectedHeader({ alg: 'HS256', kid }).sign(by)
      expect(await auth.verify(token)).toEqual(invalid('algorithm'))
    }
  }
  expect(await auth.verify(`${part({ alg: 'none', kid: 'k1' })}.${part({ sub: '7' })}.`)).toEqual(invalid('algorithm'))
})

test('a secret and a JWKS each verify the tokens of their own algorithms', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push(ours.jwk)
  const secret = 'a secret of at least thirty-two bytes'
  const auth = createAuth({ jwksUrl: url, secret })
  const shared = await new SignJWT({ sub: '8' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
  expect(await auth.verify(await tokenOf(ours))).toEqual(user('7'))
  expect(await auth.verify(shared)).toEqual(user('8'))
})

test.each<[string, RequestListener]>([
  ['answers 500', (_, response) => void response.writeHead(500).end()],
  ['answers HTML', (_, response) => void response.end('<html>')],
  ['answers JSON of another shape', (_, response) => void response.end('{"keys":7}')],
  ['redirects', (_, response) => void response.writeHead(302, { location: '/jwks.json' }).end()],
  ['closes the connection', (request) => void request.socket.destroy()],
  ['is far too long', (_, response) => void response.end(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`)],
])('a JWKS that %s leaves tokens unchecked, and is not fetched again for a while', async (_, listener) => {
  answer = listener
  const ours = await signer('ES256', 'k1')
  let now = 0
  const auth = createAuth({ jwksUrl: url }, { jwks: { retryDelay: 5000, now: () => now } })
  for (let i = 0; i < 10; i++) expect(await auth.verify(await tokenOf(ours))).toEqual(unchecked)
  expect(fetches).toBe(1)
  answer = (_, response) => void response.end(JSON.stringify({ keys: [ours.jwk] }))
  now = 5000
  expect(await auth.verify(await tokenOf(ours))).toEqual(user('7'))
})

test('a fetch that gets no response, or only a part of one, fails after the timeout', async () => {
  const ours = await signer('ES256', 'k1')
  const listeners: RequestListener[] = [() => {}, (_, response) => void response.write('{"keys":[')]
  for (const listener of listeners) {
    answer = listener
    const auth = createAuth({ jwksUrl: url }, { jwks: { timeout: 100 } })
    expect(await auth.verify(await tokenOf(ours))).toEqual(unchecked)
  }
})

test('each failed fetch is reported, and whether the last keys are used meanwhile', async () => {
  const ours = await signer('ES256', 'k1')
  const token = await tokenOf(ours)
  const failures: [string, boolean][] = []
  const failed = (error: unknown, hasKeys: boolean) => void failures.push([String(error), hasKeys])
  let now = 0
  const auth = createAuth({ jwksUrl: url }, { jwks: { now: () => now, failed } })
  answer = (_, response) => void response.writeHead(500).end()
  await auth.verify(token)
  answer = (_, response) => void response.end(JSON.stringify({ keys: [ours.jwk] }))
  now = 5_000
  await auth.verify(token)
  answer = (_, response) => void response.writeHead(503).end()
  now = 605_000
  expect(await auth.verify(token)).toEqual(user('7'))
  await expect
    .poll(() => failures)
    .toEqual([
      ['Error: status 500', false],
      ['Error: status 503', true],
    ])
  now = 86_405_000
  expect(await auth.verify(token)).toEqual(unchecked)
  expect(failures.at(-1)).toEqual(['Error: status 503', false])
})

test('a failed fetch is reported once, even if an earlier one waits for it', async () => {
  const failures: unknown[] = []
  const responses: ServerResponse[] = []
  answer = (_, response) => void responses.push(response)
  const auth = createAuth({ jwksUrl: url }, { jwks: { failed: (error) => failures.push(String(error)) } })
  const verified = auth.verify(await tokenOf(await signer('ES256', 'k1')))
  await expect.poll(() => responses.length).toBe(1)
  const refetched = auth.refetchKeys().catch(() => {})
  await expect.poll(() => responses.length).toBe(2)
  responses[0]!.end(JSON.stringify({ keys: [] }))
  await new Promise((resolve) => responses[0]!.once('close', resolve))
  responses[1]!.writeHead(500).end()
  await Promise.all([verified, refetched])
  expect(failures).toEqual(['Error: status 500'])
})

test('an endless response is aborted after 256 KiB', async () => {
  let sent = 0
  answer = (_, response) => {
    response.on('drain', () => response.writable && response.write('x'.repeat(65_536)))
    response.on('close', () => (sent = response.socket?.bytesWritten ?? sent))
    response.write('x'.repeat(65_536))
  }
  const ours = await signer('ES256', 'k1')
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual(unchecked)
  expect(sent).toBeLessThan(16 * 1_048_576)
})

test('while the URL is unreachable the last keys are used for a day', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push(ours.jwk)
  let now = 0
  const auth = createAuth({ jwksUrl: url }, { jwks: { now: () => now } })
  const token = await tokenOf(ours)
  expect(await auth.verify(token)).toEqual(user('7'))
  answer = (_, response) => void response.writeHead(503).end()
  now = 86_399_000
  for (let i = 0; i < 5; i++) expect(await auth.verify(token)).toEqual(user('7'))
  expect(fetches).toBe(2)
  now = 86_400_000
  expect(await auth.verify(token)).toEqual(unchecked)
  answer = (_, response) => void response.end(JSON.stringify({ keys }))
  now += 5000
  expect(await auth.verify(token)).toEqual(user('7'))
})

test('a JWKS without a key counts as unreachable, and does not replace the last keys', async () => {
  const ours = await signer('ES256', 'k1')
  const token = await tokenOf(ours)
  expect(await createAuth({ jwksUrl: url }).verify(token)).toEqual(unchecked)
  keys = [ours.jwk]
  const auth = createAuth({ jwksUrl: url })
  expect(await auth.verify(token)).toEqual(user('7'))
  keys = []
  await expect(auth.refetchKeys()).rejects.toThrow('no keys')
  expect(await auth.verify(token)).toEqual(user('7'))
})

test('a token without a key id is tried with every key that fits', async () => {
  const signers = await Promise.all(['k1', 'k2', 'k3'].map((kid) => signer('ES256', kid)))
  for (const { jwk } of signers) keys.push(jwk)
  const auth = createAuth({ jwksUrl: url })
  for (const { privateKey } of signers) {
    const token = await new SignJWT({ sub: '7' }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    expect(await auth.verify(token)).toEqual(user('7'))
  }
  const stranger = await signer('ES256', 'k4')
  const forged = await new SignJWT({ sub: '7' }).setProtectedHeader({ alg: 'ES256' }).sign(stranger.privateKey)
  expect(await auth.verify(forged)).toEqual(invalid('signature'))
})

test.each([
  ['with too few bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }) as JWK],
  ['that is malformed', { kty: 'RSA', n: '!!', e: 'AQAB' }],
])('a published key %s does not make tokens of others invalid', async (_, unusable) => {
  const ours = await signer('RS256', 'k1')
  keys.push({ ...unusable, kid: 'k1' }, ours.jwk, { ...unusable, kid: 'k2' })
  const auth = createAuth({ jwksUrl: url })
  expect(await auth.verify(await tokenOf(ours))).toEqual(user('7'))
  const without = await new SignJWT({ sub: '7' }).setProtectedHeader({ alg: 'RS256' }).sign(ours.privateKey)
  expect(await auth.verify(without)).toEqual(user('7'))
  expect(await auth.verify(await tokenOf({ ...ours, kid: 'k2' }))).toEqual(invalid('unknown_key'))
})

test('a token without a key id is tried with at most 32 keys, and one with a key id only with that key', async () => {
  const own = await signer('EdDSA', 'own')
  const strangers = await Promise.all(Array.from({ length: 32 }, (_, i) => signer('EdDSA', `${i}`)))
  keys.push(...strangers.map(({ jwk }) => jwk), own.jwk)
  const auth = createAuth({ jwksUrl: url })
  const without = ({ privateKey }: Signer) =>
    new SignJWT({ sub: '7' }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey)
  expect(await auth.verify(await tokenOf(own))).toEqual(user('7'))
  expect(await auth.verify(await without(strangers[31]!))).toEqual(user('7'))
  expect(await auth.verify(await without(own))).toEqual(invalid('signature'))
})

test('thousands of tokens with unknown key ids cause one fetch', async () => {
  const ours = await signer('EdDSA', 'k1')
  keys.push(ours.jwk)
  const auth = createAuth({ jwksUrl: url }, { jwks: { cooldown: 0 } })
  const tokens = Array.from(
    { length: 2_000 },
    (_, i) => `${part({ alg: 'EdDSA', kid: `${i}` })}.${part({ sub: '7' })}.x`,
  )
  for (const { kind } of await Promise.all(tokens.map((token) => auth.verify(token)))) expect(kind).toBe('invalid')
  expect(fetches).toBe(1)
})

test('a malformed published key makes tokens invalid', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push({ ...ours.jwk, x: 'AAAA' })
  expect((await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).kind).toBe('invalid')
})

test('clients do not wait for a slow key server: old keys are used until it answers', async () => {
  const [first, second] = await Promise.all([signer('ES256', 'k1'), signer('ES256', 'k2')])
  keys.push(first.jwk)
  let now = 0
  const auth = createAuth({ jwksUrl: url }, { jwks: { now: () => now } })
  expect((await auth.verify(await tokenOf(first))).kind).toBe('valid')
  let respond: () => void = () => {}
  answer = (_, response) => {
    respond = () => void response.end(JSON.stringify({ keys: [first.jwk, second.jwk] }))
  }
  now = 700_000
  for (let i = 0; i < 10; i++) expect((await auth.verify(await tokenOf(first))).kind).toBe('valid')
  const later = auth.verify(await tokenOf(second))
  await expect.poll(() => fetches).toBe(2)
  respond()
  expect((await later).kind).toBe('valid')
  expect(fetches).toBe(2)
})

test('with other options the keys of the same URL are shared, and fetched again on request', async () => {
  const [first, second] = await Promise.all([signer('ES256', 'k1'), signer('ES256', 'k2')])
  keys.push(first.jwk)
  const before = createAuth({ jwksUrl: url })
  const [old, fresh] = [await tokenOf(first), await tokenOf(second)]
  expect(await before.verify(old)).toEqual(user('7'))
  const auth = before.with({ jwksUrl: url, claim: 'sub' })
  answer = (_, response) => void response.writeHead(503).end()
  await expect(auth.refetchKeys()).rejects.toThrow('503')
  expect(await auth.verify(old)).toEqual(user('7'))
  keys = [second.jwk]
  answer = (_, response) => void response.end(JSON.stringify({ keys }))
  await auth.refetchKeys()
  expect(await auth.verify(fresh)).toEqual(user('7'))
  expect(await auth.verify(old)).toEqual(invalid('unknown_key'))
  expect(() => before.with({ jwksUrl: 'ftp://a' })).toThrow('auth.jwksUrl')
})

test('a stale response, older than that of a newer fetch, is dropped', async () => {
  const [first, second] = await Promise.all([signer('ES256', 'k1'), signer('ES256', 'k2')])
  const waiting: ((keys: JWK[]) => void)[] = []
  answer = (_, response) => void waiting.push((keys) => void response.end(JSON.stringify({ keys })))
  const auth = createAuth({ jwksUrl: url })
  const verified = auth.verify(await tokenOf(second))
  await expect.poll(() => fetches).toBe(1)
  const refetched = auth.refetchKeys()
  await expect.poll(() => fetches).toBe(2)
  waiting[0]!([first.jwk])
  waiting[1]!([second.jwk])
  await refetched
  expect(await verified).toEqual(user('7'))
  expect(await auth.verify(await tokenOf(first))).toEqual(invalid('unknown_key'))
})
