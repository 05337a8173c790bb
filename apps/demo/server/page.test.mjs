import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageRoutes } from './page.mjs'

/** @type {string} */
let folder
const get = (/** @type {string} */ path) => pageRoutes(join(folder, 'site')).request(path)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headcount-page-'))
  await mkdir(join(folder, 'site/assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'site/index.html'), '<title>Page</title>')
  await writeFile(join(folder, 'site/assets/index-B5x2Kq9d.js'), 'export {}')
})
afterAll(() => rm(folder, { recursive: true }))

test('the page is revalidated at each load, and its hashed files are cached permanently', async () => {
  const page = await get('/?v=7')
  expect(await page.text()).toContain('<title>Page</title>')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const script = await get('/assets/index-B5x2Kq9d.js')
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
})

test('the page loads and calls only its own server, and no other site may frame it', async () => {
  const { headers } = await get('/')
  expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('strict-transport-security')).toBeNull()
})

test('a missing path is a 404', async () => {
  const response = await get('/assets/gone.js')
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({ error: { code: 'not_found', message: 'no such route' } })
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/..%5csecret.txt',
  '/%252e%252e%252fsecret.txt',
])('%s does not lead out of the folder', async (path) => {
  const response = await get(path)
  expect(response.status).toBe(404)
  expect(await response.text()).not.toContain('secret')
})
