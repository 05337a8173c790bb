import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { listen } from '@headcount/tools/live/listen.mjs'
import { LoadClient } from '@headcount/tools/load/client.mjs'
import { startServer } from '@headcount/tools/processes/server.mjs'
import { expect, it, onTestFinished } from 'vitest'
import { pageOf } from './pages.js'

type Json = Record<string, unknown>

const secret = '6b1f'.repeat(16)
const now = Math.floor(Date.now() / 1000)
const encode = (part: string | Buffer) => Buffer.from(part).toString('base64url')
const unsigned = (header: Json, claims: Json) => `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`

function signed(header: Json, claims: Json, key: KeyObject | string): string {
  const text = unsigned(header, claims)
  if (typeof key === 'string') return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  return `${text}.${encode(sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`
}

/** Of users, of tokens that name the topic, and of everyone. */
const topics = [{ pattern: 'closed:*', access: 'users' }, { pattern: 'team:*', access: 'token' }, '*']

async function start(env: NodeJS.ProcessEnv) {
  const server = await startServer([], { env, config: { topics } })
  onTestFinished(() => server.kill())
  return server
}

/** Starts a server with these settings and joins with the token. Returns the number of users. */
async function usersWith(token: string, env: NodeJS.ProcessEnv): Promise<number> {
  const server = await start(env)
  const client = new LoadClient({ url: server.url.replace('http', 'ws'), topic: 'video:42', token })
  onTestFinished(() => client.drop())
  expect(await client.connect()).toBe(true)
  expect(await client.join()).toMatchObject({ status: 'ok' })
  const { counts } = await (await fetch(`${server.url}/api/counts/video:42`)).json()
  return counts.users.count
}

/** The section of the page about one framework. */
const sectionOf = (title: string) =>
  pageOf('tokens.md')
    .split(/^## /m)
    .find((text) => text.startsWith(`${title}\n`))

/** The headers of the libraries on the page. */
it.each([
  ['Phoenix', { alg: 'HS256', typ: 'JWT' }, '"sub"', '"exp"'],
  ['Rails', { alg: 'HS256' }, 'sub:', 'exp:'],
  ['Django', { alg: 'HS256', typ: 'JWT' }, '"sub"', '"exp"'],
  ['Laravel', { typ: 'JWT', alg: 'HS256' }, "'sub'", "'exp'"],
])('the claims and the algorithm of the recipe for %s make a user', async (framework, header, ...claims) => {
  for (const text of ['HS256', ...claims]) expect(sectionOf(framework)).toContain(text)
  const token = signed(header, { sub: '42', exp: now + 3600 }, secret)
  expect(await usersWith(token, { HEADCOUNT_JWT_SECRET: secret })).toBe(1)
  expect(await usersWith(token, { HEADCOUNT_JWT_SECRET: secret.replaceAll('6', '7') })).toBe(0)
})

it('a token of the page opens topics of users, and those that its claim topics names', async () => {
  const [, example = ''] = /add `("topics": .*?)` to the claims/.exec(pageOf('tokens.md'))!
  const claims: Json = JSON.parse(`{${example}}`)
  const server = await start({ HEADCOUNT_JWT_SECRET: secret })
  const header = { alg: 'HS256', typ: 'JWT' }
  const user = signed(header, { sub: '42', exp: now + 3600 }, secret)
  const member = signed(header, { ...claims, exp: now + 3600 }, secret)
  const answers = async (token: string) => {
    const read = (topic: string) =>
      fetch(`${server.url}/api/counts/${topic}`, { headers: { authorization: `Bearer ${token}` } })
    return Promise.all(['closed:1', 'team:7', 'team:8'].map(async (topic) => [topic, (await read(topic)).status]))
  }
  expect(await answers(user)).toEqual([
    ['closed:1', 200],
    ['team:7', 403],
    ['team:8', 403],
  ])
  expect(await answers(member)).toEqual([
    ['closed:1', 403],
    ['team:7', 200],
    ['team:8', 403],
  ])
  const client = new LoadClient({ url: server.url.replace('http', 'ws'), topic: 'team:7', token: member })
  onTestFinished(() => client.drop())
  expect(await client.connect()).toBe(true)
  expect(await client.join()).toMatchObject({ status: 'ok' })
  expect(await client.join({}, 'team:8')).toMatchObject({ status: 'error' })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const times = { iat: now, exp: now + 3600 }

/** The claims in the tokens of each service; the settings of the page. */
const services = {
  Auth0: {
    ...{ keys: rsa, header: { alg: 'RS256', typ: 'JWT' } },
    claims: {
      ...{ iss: 'https://tenant.example/', sub: 'auth0|5f7c8ec7c33c6c004bbafe82', azp: 'app', scope: 'openid profile' },
      aud: ['https://counts.example.com', 'https://tenant.example/userinfo'],
    },
    settings: { ISSUER: 'https://tenant.example/', AUDIENCE: 'https://counts.example.com' },
  },
  Clerk: {
    ...{ keys: rsa, header: { alg: 'RS256', cat: 'cl_B7d4PD222AAA', typ: 'JWT' } },
    claims: { iss: 'https://clerk.example', sub: 'user_2x', azp: 'https://www.example.com', jti: 'a', nbf: now - 10 },
    settings: { ISSUER: 'https://clerk.example' },
  },
  Supabase: {
    ...{ keys: ec, header: { alg: 'ES256', typ: 'JWT' } },
    claims: {
      ...{
        iss: 'https://project.supabase.co/auth/v1',
        sub: '5be9e4b6-3c5e-4a0f-8f0c-0d3f6a0c1d11',
        role: 'authenticated',
      },
      ...{ aud: 'authenticated', session_id: 'a', is_anonymous: false, app_metadata: { provider: 'email' } },
    },
    settings: { ISSUER: 'https://project.supabase.co/auth/v1', AUDIENCE: 'authenticated' },
  },
}

it.each(Object.entries(services))(
  'a token of %s makes a user with the settings of its recipe',
  async (name, service) => {
    const { keys, header, claims, settings } = service
    const row = pageOf('tokens.md')
      .split('\n')
      .find((line) => line.startsWith(`| ${name}`))
    for (const setting of Object.keys(settings)) expect(row).toContain(`HEADCOUNT_JWT_${setting}=`)
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: header.alg, use: 'sig' }
    const jwks = await listen((_, response) => response.end(JSON.stringify({ keys: [jwk] })))
    const env: NodeJS.ProcessEnv = { HEADCOUNT_JWKS_URL: jwks }
    for (const [setting, value] of Object.entries(settings)) env[`HEADCOUNT_JWT_${setting}`] = value
    const token = signed({ ...header, kid: 'one' }, { ...claims, ...times }, keys.privateKey)
    expect(await usersWith(token, env)).toBe(1)
    expect(await usersWith(token, { ...env, HEADCOUNT_JWT_ISSUER: 'https://other.example' })).toBe(0)
  },
)
