import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
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
const invalid = (reason: string) => ({ kind: 'invalid', user: null, reason, refuse: false })

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
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
  'a token signed with a published key (%s) makes a user',
  async (alg) => {
    const ours = await signer(alg, 'k1')
    keys.push(ours.jwk)
    expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual({
      kind: 'user',
      user: '7',
    })
  },
)

test('the keys are fetched when first needed, once for all that come meanwhile, and kept', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push(ours.jwk)
  const auth = createAuth({ jwksUrl: url })
  expect(fetches).toBe(0)
  const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => tokenOf(ours, String(i))))
  const outcomes = await Promise.all(tokens.map((token) => auth.verify(token)))
  expect(outcomes.map(({ user }) => user)).toEqual(tokens.map((_, i) => String(i)))
  expect((await auth.verify(tokens[0]!)).kind).toBe('user')
  expect(fetches).toBe(1)
})

test('a key that is published later is found, but unknown keys do not make a storm of fetches', async () => {
  const [first, second, stranger] = await Promise.all([
    signer('ES256', 'k1'),
    signer('ES256', 'k2'),
    signer('ES256', 'k3'),
  ])
  keys.push(first.jwk)
  let now = 0
  const auth = createAuth({ jwksUrl: url, coolDown: 0, retry: 1000, now: () => now })
  expect((await auth.verify(await tokenOf(first))).kind).toBe('user')
  keys.push(second.jwk)
  now = 1000
  expect((await auth.verify(await tokenOf(second))).kind).toBe('user')
  expect(fetches).toBe(2)
  for (let i = 0; i < 20; i++) expect((await auth.verify(await tokenOf(stranger))).kind).toBe('invalid')
  expect(fetches).toBe(2)
  now = 2000
  expect(await auth.verify(await tokenOf(stranger))).toEqual(invalid('unknown_key'))
  expect(fetches).toBe(3)
})

test('a key of another is no key of ours', async () => {
  const [ours, theirs] = await Promise.all([signer('ES256', 'k1'), signer('ES256', 'k1')])
  keys.push(ours.jwk)
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(theirs))).toEqual(invalid('signature'))
})

test('a published key never checks a token signed with HS256, not even by the published key itself', async () => {
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

test('a secret and a JWKS each check the tokens of their own kind', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push(ours.jwk)
  const secret = 'a secret of at least thirty-two bytes'
  const auth = createAuth({ jwksUrl: url, secret })
  const shared = await new SignJWT({ sub: '8' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
  expect((await auth.verify(await tokenOf(ours))).user).toBe('7')
  expect((await auth.verify(shared)).user).toBe('8')
})

test.each<[string, RequestListener]>([
  ['answers 500', (_, response) => void response.writeHead(500).end()],
  ['answers no JSON', (_, response) => void response.end('<html>')],
  ['answers JSON that is no key set', (_, response) => void response.end('{"keys":7}')],
  ['redirects', (_, response) => void response.writeHead(302, { location: '/jwks.json' }).end()],
  ['hangs up', (request) => void request.socket.destroy()],
])('a JWKS that %s makes tokens invalid, and is left alone for a while', async (_, listener) => {
  answer = listener
  const ours = await signer('ES256', 'k1')
  let now = 0
  const auth = createAuth({ jwksUrl: url, retry: 5000, now: () => now })
  for (let i = 0; i < 10; i++) expect(await auth.verify(await tokenOf(ours))).toEqual(invalid('jwks_unreachable'))
  expect(fetches).toBe(1)
  answer = (_, response) => void response.end(JSON.stringify({ keys: [ours.jwk] }))
  now = 5000
  expect(await auth.verify(await tokenOf(ours))).toEqual({ kind: 'user', user: '7' })
})

test('a JWKS that never answers, or never ends its answer, is given up after the time-out', async () => {
  const ours = await signer('ES256', 'k1')
  const listeners: RequestListener[] = [() => {}, (_, response) => void response.write('{"keys":[')]
  for (const listener of listeners) {
    answer = listener
    const auth = createAuth({ jwksUrl: url, timeout: 100 })
    expect(await auth.verify(await tokenOf(ours))).toEqual(invalid('jwks_unreachable'))
  }
})

test('nobody behind the URL makes tokens invalid', async () => {
  server.close()
  await once(server, 'close')
  const ours = await signer('ES256', 'k1')
  expect(await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).toEqual(invalid('jwks_unreachable'))
})

test('a published key that is broken makes tokens invalid', async () => {
  const ours = await signer('ES256', 'k1')
  keys.push({ ...ours.jwk, x: 'AAAA' })
  expect((await createAuth({ jwksUrl: url }).verify(await tokenOf(ours))).kind).toBe('invalid')
})
