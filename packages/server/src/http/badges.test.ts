import { expect, test } from 'vitest'
import { signToken } from '../auth/sign.js'
import { expectProblem } from '../test/problem.js'
import { listen, serve } from '../test/serve.js'

const secret = 's'.repeat(32)
const topics = [{ pattern: 'video:*', badge: true }, { pattern: 'room:*', badge: true, access: 'users' }, '*'] as const

test('a badge shows the sum of all groups, or one of them', async () => {
  const { headcount, get } = await serve({ topics })
  for (const key of ['a', 'b', 'c']) headcount.track('video:1', key)
  headcount.track('video:1', 'd', { group: 'users' })
  const response = await get('/badge/video:1.svg?label=watching&color=red&labelColor=black')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toBe("default-src 'none'")
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  // Pages of other sites that isolate themselves (COEP) show no image without it.
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  const svg = await response.text()
  expect(svg).toContain('<title>watching: 4</title>')
  expect(svg).toContain('fill="#e05d44"')
  expect(await (await get('/badge/video:1.svg?group=users')).text()).toContain('<title>online: 1</title>')
})

test('a badge of a topic with a shield shows the same count as the topic', async () => {
  const { headcount, get } = await serve({ topics: [{ pattern: 'video:*', badge: true, shield: 5 }], shieldTick: 20 })
  const message = async (query = '') =>
    ((await (await get(`/badge/video:1.json${query}`)).json()) as { message: string }).message
  expect([await message(), await message('?group=users')]).toEqual(['<9', '<5'])
  for (let key = 0; key < 7; key++) headcount.track('video:1', `${key}`)
  await expect.poll(message).toBe('5')
})

test("the JSON has the schema of shields.io's endpoint badge", async () => {
  const { get } = await serve({ topics })
  expect(await (await get('/badge/video:1.json?label=here')).json()).toEqual({
    ...{ schemaVersion: 1, label: 'here', message: '0', labelColor: 'grey', color: 'blue', cacheSeconds: 60 },
  })
})

test('image proxies may cache a badge for a minute, and revalidate it by its ETag', async () => {
  const { get } = await serve({ topics })
  for (const path of ['/badge/video:1.svg', '/badge/video:1.json']) {
    const response = await get(path)
    expect(response.headers.get('cache-control')).toBe('public, max-age=60')
    const again = await get(path, { headers: { 'if-none-match': response.headers.get('etag')! } })
    expect(again.status).toBe(304)
  }
})

test('badges are off unless the pattern of the topic turns them on', async () => {
  const { get } = await serve({ topics })
  for (const path of ['/badge/lobby.svg', '/badge/lobby.json']) await expectProblem(await get(path), 'no_badge')
  const { error } = await (await get('/badge/lobby.svg')).json()
  expect(error.message).toBe('badges of this topic are off (set badge: true on its pattern)')
})

test('a topic that needs a token has a badge only for its bearer', async () => {
  const { get } = await serve({ topics, auth: { secret } })
  await expectProblem(await get('/badge/room:1.svg'), 'unauthorized')
  const response = await get(`/badge/room:1.svg?token=${await signToken(secret, '7', { expires: 60_000 })}`)
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'private, no-cache'])
})

test.each([
  'label=',
  `label=${'x'.repeat(41)}`,
  'label=a%0Ab',
  'label=%E2%80%8B',
  'color=%23fff',
  'labelColor=red%22',
  'group=admins',
])('a badge with %s is refused, and the answer does not repeat it', async (query) => {
  const { get } = await serve({ topics })
  const response = await get(`/badge/video:1.svg?${query}`)
  expect(await response.clone().text()).not.toContain('admins')
  await expectProblem(response, 'invalid_badge')
})

test('a topic may contain a slash, a dot and a file extension', async () => {
  const { headcount, get } = await serve({ topics })
  headcount.track('video:a/b.svg', 'x')
  expect(await (await get('/badge/video:a%2Fb.svg.svg')).text()).toContain('<title>online: 1</title>')
})

test('an application keeps its routes under /badge, except the badges of topics that have them', async () => {
  const { headcount } = await serve({ topics: [...topics.slice(0, 2), 'lobby'] })
  const url = await listen((request, response) => headcount.handle(request, response, () => response.end('mine')))
  const isOwn = async (path: string) => (await (await fetch(url + path)).text()) === 'mine'
  for (const path of ['video:1.svg', 'video%3A1.json?label=x', 'video:a%2Fb.svg', 'room:1.svg', 'video:%E4.svg.svg'])
    expect([path, await isOwn(`/badge/${path}`)]).toEqual([path, path === 'video:%E4.svg.svg'])
  for (const path of ['logo.svg', 'lobby.svg', 'lobby.json', 'video:1.png', 'video:1', 'video:1/a.svg', '.svg', ''])
    expect([path, await isOwn(`/badge/${path}`)]).toEqual([path, true])
})

test.each(['/badge/video:1.svg', '/badge/lobby.json'])(
  'if no pattern has badges, %s is left to the application',
  async (path) => {
    const { headcount } = await serve()
    const url = await listen((request, response) => headcount.handle(request, response, () => response.end('mine')))
    expect(await (await fetch(url + path)).text()).toBe('mine')
  },
)
