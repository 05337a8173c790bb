import { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkHost } from './access.mjs'
import { demoCrowd } from './crowd.mjs'
import { demoRoutes } from './routes.mjs'

/** The requested sizes of the crowd. @type {{ users: number, viewers: number }[]} */
let sizes
/** @type {Hono} */
let app

beforeEach(() => {
  sizes = []
  const connections = {
    here: { users: 1, viewers: 2 },
    resize: (/** @type {{ users: number, viewers: number }} */ size) => void sizes.push(size),
    stop: async () => {},
  }
  app = new Hono().use(checkHost(['demo.example'])).route(
    '/demo',
    demoRoutes({
      signIn: async (name = 'Ida') => ({ name, token: `token of ${name}` }),
      crowd: demoCrowd((size) => {
        connections.resize(size)
        return connections
      }),
      cluster: () => undefined,
      closing: new AbortController().signal,
    }),
  )
})

const json = { host: 'localhost:4000', 'content-type': 'application/json' }
const post = (/** @type {string} */ path, /** @type {unknown} */ body, headers = {}) =>
  app.request(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })

/** Expects an error in the form of Headcount's own. @param {Response} response @param {number} status */
async function expectProblem(response, status, code = '') {
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({ error: { code, message: expect.any(String) } })
}

describe('sign-in', () => {
  test('answers with a token for the user that is named, or for a new one', async () => {
    const named = await post('/demo/sign-in', { name: ' Ada ' })
    expect(await named.json()).toEqual({ name: 'Ada', token: 'token of Ada' })
    expect(named.headers.get('cache-control')).toBe('no-store')
    expect(await (await post('/demo/sign-in', {})).json()).toMatchObject({ name: 'Ida' })
  })

  test.each([{ name: '' }, { name: 7 }, { name: 'x'.repeat(41) }, [], null])('refuses %j', async (body) => {
    await expectProblem(await post('/demo/sign-in', body), 400, 'invalid_body')
  })
})

describe('the crowd', () => {
  test('is divided into whole users and viewers, and answers with the request', async () => {
    const response = await post('/demo/crowd', { people: 7, signedIn: 25 })
    expect(await response.json()).toEqual({ people: 7, signedIn: 25, joined: 3, max: 500 })
    await post('/demo/crowd', { people: 0, signedIn: 100 })
    expect(sizes).toEqual([
      { users: 2, viewers: 5 },
      { users: 0, viewers: 0 },
    ])
  })

  test.each([{}, { people: 501, signedIn: 0 }, { people: 1, signedIn: 101 }, { people: 1.5, signedIn: 0 }])(
    'refuses %j',
    async (body) => {
      await expectProblem(await post('/demo/crowd', body), 400, 'invalid_body')
      expect(sizes).toEqual([])
    },
  )

  test('is streamed as an event', async () => {
    const response = await app.request('/demo/events', { headers: json })
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader()
    const { value } = await reader.read()
    await reader.cancel()
    expect(new TextDecoder().decode(value)).toBe('data: {"crowd":{"people":0,"signedIn":25,"joined":0,"max":500}}\n\n')
  })
})

describe('access', () => {
  test.each(['localhost', '127.0.0.1:4000', '[::1]:4000', 'a.localhost', 'demo.example'])(
    'answers at %s',
    async (host) => {
      expect((await post('/demo/sign-in', {}, { host, origin: `http://${host}` })).status).toBe(200)
    },
  )

  test.each(['attacker.example:4000', 'localhost.attacker.example', '', '%'])(
    'refuses the host "%s", which DNS rebinding may have led here',
    async (host) => {
      await expectProblem(await post('/demo/sign-in', {}, { host, origin: `http://${host}` }), 403, 'unknown_host')
    },
  )

  test.each(['http://attacker.example', 'http://localhost:3000', 'null'])('refuses writes of %s', async (origin) => {
    await expectProblem(await post('/demo/crowd', { people: 1, signedIn: 0 }, { origin }), 403, 'cross_origin')
  })

  test('accepts only JSON, which another site cannot send without a preflight, and at most a kilobyte', async () => {
    const plain = await post('/demo/sign-in', {}, { 'content-type': 'text/plain' })
    await expectProblem(plain, 415, 'unsupported_media_type')
    await expectProblem(await post('/demo/sign-in', { name: 'x'.repeat(2000) }), 413, 'body_too_large')
  })
})
