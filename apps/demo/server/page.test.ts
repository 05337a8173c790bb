import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectProblem } from '@headcount/server'
import { type Running, startHeadcount } from '@headcount/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
let server: Running
const get = (path: string, init?: RequestInit) => fetch(server.url + path, init)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headcount-page-'))
  const files = join(folder, 'site')
  await mkdir(join(files, 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(files, 'index.html'), '<!doctype html><title>Headcount</title>')
  await writeFile(join(files, 'favicon.svg'), '<svg/>')
  await writeFile(join(files, 'assets/index-B5x2Kq9d.js'), 'export {}')
  await writeFile(join(files, 'assets/index-B5x2Kq9d.css'), 'a{}')
  const nobody = { viewers: 0, users: 0 }
  const crowd = { wanted: nobody, here: nobody, resize() {} }
  server = await startHeadcount({ demo: { files, signIn: async () => ({ token: 't', name: 'n' }), crowd } })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

test('the page is served with its types, its hashed files for good and the rest for now', async () => {
  const index = await get('/')
  expect(index.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(index.headers.get('cache-control')).toBe('no-cache')
  expect(await index.text()).toContain('<title>Headcount</title>')
  const script = await get('/assets/index-B5x2Kq9d.js')
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect((await get('/assets/index-B5x2Kq9d.css')).headers.get('content-type')).toMatch(/^text\/css/)
  const icon = await get('/favicon.svg')
  expect(icon.headers.get('content-type')).toMatch(/^image\/svg/)
  expect(icon.headers.get('cache-control')).toBe('no-cache')
})

test('the page may load and call nothing but its own server, and is framed by no other', async () => {
  const { headers } = await get('/')
  expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('strict-transport-security')).toBeNull()
})

test('a path that a browser opens is the page; a file or route that is not there is a JSON 404', async () => {
  const html = { headers: { accept: 'text/html,*/*' } }
  expect(await (await get('/watch/42', html)).text()).toContain('<title>Headcount</title>')
  for (const path of ['/assets/gone-12345678.js', '/assets/gone', '/gone.png', '/api/nope', '/demo/nope'])
    await expectProblem(await get(path, html), 404, 'not_found')
  await expectProblem(await get('/watch/42'), 404, 'not_found')
  await expectProblem(await get('/', { method: 'POST' }), 405, 'method_not_allowed')
})

/** Sends a request as it stands, and gives the answer. */
async function raw(path: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1')
  socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e%2fsecret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '//secret.txt',
  '/%252e%252e%252fsecret.txt',
  '/assets/%00/../../secret.txt',
  '/etc/passwd',
  '//etc/passwd',
])('%s does not lead out of the folder', async (path) => {
  const answer = await raw(path)
  expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
  expect(answer.split('\r\n\r\n')[1]).not.toMatch(/secret$|root:/)
})
