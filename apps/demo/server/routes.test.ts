import { systemClock } from '@headcount/core'
import { counts, expectProblem, signToken } from '@headcount/server'
import { random, startHeadcount, until, WireClient } from '@headcount/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createCrowd } from './crowd/crowd.js'
import { demoCrowd } from './crowd/demo.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

/** A server with the demo on, as `serve` puts it together. */
async function start() {
  const secret = 'a secret that is long enough for tests'
  const sign = (user: string) => signToken(secret, user, { expires: 60_000 })
  let url = ''
  let people = 0
  const demo = demoCrowd(() =>
    createCrowd({
      url: url.replace('http', 'ws'),
      topic: 'video:42',
      viewers: 0,
      users: 0,
      churn: 0,
      signToken: sign,
      random: random(3).next,
      clock: systemClock,
    }),
  )
  const server = await startHeadcount({
    auth: { secret },
    demo: {
      signIn: async (name = `Somebody ${++people}`) => ({ name, token: await sign(name) }),
      crowd: demo.crowd,
    },
  })
  url = server.url
  undo.push(() => server.stop())
  undo.push(() => demo.stop())
  const call = (path: string, init?: RequestInit) => fetch(server.url + path, init)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { ...server, call, post }
}

describe('sign-in', () => {
  test('gives a token with which a socket counts as a user', async () => {
    const { url, headcount, post } = await start()
    const answer = await post('/demo/sign-in', {})
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { token, name } = await answer.json()
    expect(name).toBe('Somebody 1')
    const client = await WireClient.open(url, { token })
    await client.join('video:42')
    expect(await headcount.counts('video:42')).toEqual(counts(1, 0))
    client.drop()
  })

  test('takes the name that is asked for, and an empty body for none', async () => {
    const { post } = await start()
    expect((await (await post('/demo/sign-in', { name: ' Ada ' })).json()).name).toBe('Ada')
    expect((await (await post('/demo/sign-in', '')).json()).name).toBe('Somebody 1')
  })

  test.each([{ name: '' }, { name: ' ' }, { name: 7 }, { name: 'a'.repeat(41) }, [], '"Ada"', '{', 'null'])(
    'refuses %j',
    async (body) => {
      const { post } = await start()
      await expectProblem(await post('/demo/sign-in', body), 400, 'invalid_body')
    },
  )
})

describe('the crowd', () => {
  test('is nobody, then what it is resized to, then nobody again', async () => {
    const { headcount, call, post } = await start()
    const look = async () => await (await call('/demo/crowd')).json()
    const nobody = { viewers: 0, users: 0 }
    expect(await look()).toEqual({ ...nobody, here: nobody, max: 500 })
    const answer = await post('/demo/crowd', { viewers: 12, users: 3 })
    expect(await answer.json()).toEqual({ viewers: 12, users: 3, here: nobody, max: 500 })
    const counted = (users: number, viewers: number) =>
      until(`${users} users and ${viewers} viewers`, async () => {
        expect(await headcount.counts('video:42')).toEqual(counts(users, viewers))
        return true
      })
    await counted(3, 12)
    await until('all here', async () => {
      expect(await look()).toEqual({ viewers: 12, users: 3, here: { viewers: 12, users: 3 }, max: 500 })
      return true
    })
    await post('/demo/crowd', { viewers: 2, users: 1 })
    await counted(1, 2)
    expect((await call('/demo/crowd', { method: 'DELETE' })).status).toBe(200)
    await counted(0, 0)
    await post('/demo/crowd', { viewers: 1, users: 0 })
    await counted(0, 1)
  })

  test.each([
    {},
    { viewers: 1 },
    { viewers: -1, users: 0 },
    { viewers: 1.5, users: 0 },
    { viewers: '1', users: 0 },
    { viewers: 500, users: 1 },
    { viewers: null, users: 0 },
    '[1]',
    'nonsense',
  ])('of %j is refused', async (body) => {
    const { call, post } = await start()
    await expectProblem(await post('/demo/crowd', body), 400, 'invalid_body')
    expect(await (await call('/demo/crowd')).json()).toMatchObject({ viewers: 0, users: 0 })
  })
})

describe('a call', () => {
  test("of another site's page is refused, whichever header says so", async () => {
    const { url, call, post } = await start()
    const size = { viewers: 1, users: 0 }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ] as Record<string, string>[]) {
      await expectProblem(await post('/demo/crowd', size, headers), 403, 'cross_origin')
      await expectProblem(await post('/demo/sign-in', {}, headers), 403, 'cross_origin')
      await expectProblem(await call('/demo/crowd', { method: 'DELETE', headers }), 403, 'cross_origin')
    }
    const own = { origin: url, 'sec-fetch-site': 'same-origin' }
    expect((await post('/demo/sign-in', {}, own)).status).toBe(200)
    expect((await post('/demo/sign-in', {})).headers.get('access-control-allow-origin')).toBeNull()
  })

  test('that is not JSON, too long, or of another method is told so', async () => {
    const { call, post } = await start()
    const form = await call('/demo/sign-in', { method: 'POST', body: new URLSearchParams({ name: 'Ada' }) })
    await expectProblem(form, 415, 'unsupported_media_type')
    await expectProblem(await post('/demo/sign-in', { name: 'a'.repeat(2_000) }), 413, 'body_too_large')
    await expectProblem(await call('/demo/sign-in'), 405, 'method_not_allowed')
    await expectProblem(await call('/demo/crowd', { method: 'PUT' }), 405, 'method_not_allowed')
    await expectProblem(await call('/demo/nope'), 404, 'not_found')
  })
})
