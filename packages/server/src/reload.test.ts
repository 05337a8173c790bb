import { until, WireClient } from '@headcount/testing'
import { listen } from '@headcount/tools/live/listen.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { signToken } from './auth/sign.js'
import { serve } from './test/serve.js'
import { asymmetricToken } from './test/tokens.js'

const [old, next] = ['an old secret of thirty-two bytes', 'a new secret of thirty-two bytes.']
const tokenOf = (secret: string) => signToken(secret, '7', { expires: 60_000 })

test('reload replaces secrets and origins, and closes no socket', async () => {
  const { headcount, url, get } = await serve({ auth: { secret: old }, topics: [{ pattern: '*', access: 'users' }] })
  const [before, after] = await Promise.all([old, next].map(tokenOf))
  const status = async (token = '') =>
    (await get('/api/counts/a', { headers: { authorization: `Bearer ${token}` } })).status
  const client = await (await WireClient.open(url, { token: before })).enter('a')
  onTestFinished(() => client.drop())
  expect([await status(before), await status(after)]).toEqual([200, 401])

  headcount.reload({ auth: { secret: [next, old] } })
  expect([await status(before), await status(after)]).toEqual([200, 200])
  headcount.reload({ auth: { secret: next } })
  expect([await status(before), await status(after)]).toEqual([401, 200])

  const allowed = async () => {
    const { headers } = await get('/api/counts/a', { headers: { origin: 'https://a.example' } })
    return headers.get('access-control-allow-origin')
  }
  expect(await allowed()).toBeNull()
  headcount.reload({ origins: ['https://a.example'] })
  expect(await allowed()).toBe('https://a.example')
  expect([await status(before), await status(after)]).toEqual([401, 200])

  expect(client.closedWith).toBeUndefined()
  await client.shows('a', 1, 0)
  headcount.reload({ auth: undefined })
  expect([await status(before), await status(after)]).toEqual([401, 401])
})

test('reload warns of a weak secret', async () => {
  const { headcount, logged } = await serve()
  headcount.reload({ auth: { secret: 'guess me' } })
  expect(logged.at(-1)).toContain('"odd_secret"')
})

test('a JWKS that cannot be fetched is logged with the reason, and whether the last keys are used', async () => {
  let status = 200
  const jwksUrl = await listen((_, response) => response.writeHead(status).end('{"keys":[{}]}'))
  const { headcount, logged, get } = await serve({ auth: { jwksUrl } })
  const events = () => logged.map((line) => JSON.parse(line))
  // A token waits for the keys.
  await get('/api/counts/a', { headers: { authorization: `Bearer ${asymmetricToken}` } })
  status = 500
  headcount.reload({ auth: { jwksUrl } })
  await until('a warning', () => events().some(({ event }) => event === 'keys_not_fetched'))
  expect(events().at(-1)).toMatchObject({ reason: 'status 500' })
  headcount.reload({ auth: { jwksUrl: 'http://127.0.0.1:2/keys' } })
  await until('another warning', () => events().some(({ event }) => event === 'keys_unavailable'))
  expect(events().at(-1)).toMatchObject({ reason: 'connect ECONNREFUSED 127.0.0.1:2' })
})

test.each<[object, string]>([
  [{ auth: { secret: '' } }, 'auth.secret: expected at least one character, got none'],
  [{ origins: 'https://a.example' }, 'origins: expected an array, got string'],
  [{ origins: ['*'], lease: 1000 }, 'reload: lease: unknown option'],
])('reload with %j changes nothing and throws', async (changes, message) => {
  const { headcount, get } = await serve({ auth: { secret: old }, topics: [{ pattern: '*', access: 'users' }] })
  expect(() => headcount.reload(changes)).toThrow(expect.objectContaining({ code: 'bad_option', message }))
  const headers = { authorization: `Bearer ${await tokenOf(old)}`, origin: 'https://a.example' }
  const response = await get('/api/counts/a', { headers })
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, null])
})
