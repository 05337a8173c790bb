import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createAuth } from '@headcount/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Folder } from '../test/folder.js'
import { Terminal } from '../test/terminal.js'
import { socketsUrlOf, urlOf } from './listen.js'

const folder = new Folder()
let terminal: Terminal
let ended: Promise<number> | undefined

beforeEach(() => {
  terminal = new Terminal(folder.path)
})
afterEach(async () => {
  terminal.stop()
  await ended
  ended = undefined
})

/** Serves on a free port, in silence. @returns its URL. */
async function serve(line = '', env: Readonly<Record<string, string>> = {}): Promise<string> {
  ended = terminal.run(`serve --port 0 --log-level silent ${line}`.trim(), env)
  await vi.waitFor(() => expect([...terminal.printed, ...terminal.complained]).not.toEqual([]), {
    timeout: 10_000,
  })
  expect(terminal.complained).toEqual([])
  return terminal.printed[0]!.replace('Headcount is at ', '').replace('localhost', '127.0.0.1')
}

const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

test('says in one line where it is, and is there until it is asked to stop', async () => {
  const url = await serve()
  expect(terminal.printed).toEqual([expect.stringMatching(/^Headcount is at http:\/\/localhost:\d+$/)])
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  terminal.stop()
  expect(await ended).toBe(0)
  await expect(fetch(`${url}/readyz`)).rejects.toThrow()
})

test('the settings reach the server', async () => {
  const url = await serve('--topics video:*')
  expect((await fetch(`${url}/api/counts/video:1`)).status).toBe(200)
  expect((await fetch(`${url}/api/counts/room:1`)).status).toBe(404)
})

test('the deeper settings of the file reach it as well', async () => {
  await folder.config({ groups: ['members', 'guests'], limits: { topicBytes: 5 } })
  const url = await serve()
  expect(await (await fetch(`${url}/api/counts/abcde`)).json()).toEqual({
    topic: 'abcde',
    counts: { members: { count: 0 }, guests: { count: 0 } },
  })
  expect((await fetch(`${url}/api/counts/abcdef`)).status).toBe(400)
})

test('a port that is taken is said, and the exit code is 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  expect(await terminal.run(`serve --port ${port}`)).toBe(1)
  expect(terminal.complained).toEqual([
    `headcount: port ${port} of 127.0.0.1: expected a free port, got one that another program listens on (EADDRINUSE)`,
  ])
  other.close()
})

test('an address of another machine is said, and the exit code is 1', async () => {
  expect(await terminal.run('serve --port 0 --host 192.0.2.1')).toBe(1)
  expect(terminal.complained).toEqual([
    'headcount: host 192.0.2.1: expected an address of this machine, got another (EADDRNOTAVAIL)',
  ])
})

test('a Redis that does not answer stops the start, and nothing of its URL is said', async () => {
  expect(await terminal.run('serve --port 0 --redis redis://me:hunter2@127.0.0.1:1')).toBe(1)
  expect(terminal.complained).toHaveLength(1)
  expect(terminal.complained[0]).toMatch(
    /^headcount: --redis \(HEADCOUNT_REDIS_URL\): expected a Redis that can be used/,
  )
  expect(terminal.complained.join()).not.toContain('hunter2')
})

test('without the demo there is neither its page nor its sign-in', async () => {
  const url = await serve()
  expect((await fetch(`${url}/`)).status).toBe(404)
  expect((await post(`${url}/demo/sign-in`, {})).status).toBe(404)
})

test('the demo signs a person in, each made-up name another, with the secret where there is one', async () => {
  const secret = 'a secret of at least thirty-two bytes'
  const url = await serve('--demo', { HEADCOUNT_JWT_SECRET: secret, HEADCOUNT_JWT_CLAIM: 'uid' })
  const signIn = async (body: object) => (await (await post(`${url}/demo/sign-in`, body)).json()) as Person
  const auth = createAuth({ secret, claim: 'uid' })
  const [ada, again, one, other] = [
    await signIn({ name: 'Ada' }),
    await signIn({ name: 'Ada' }),
    await signIn({}),
    await signIn({}),
  ]
  const users = await Promise.all([ada, again, one, other].map(async ({ token }) => (await auth.verify(token)).user))
  expect(users[0]).toBe('demo:Ada')
  expect(new Set(users).size).toBe(3)
  expect(users).not.toContain(null)
  expect(one.name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+ \d{3}$/)
})

interface Person {
  readonly name: string
  readonly token: string
}

test("the demo's crowd comes to this server as viewers and signed-in users, without a secret of ours", async () => {
  const url = await serve('--demo')
  expect((await post(`${url}/demo/crowd`, { viewers: 3, users: 2 })).status).toBe(200)
  await vi.waitFor(
    async () =>
      expect(await (await fetch(`${url}/api/counts/video:42`)).json()).toMatchObject({
        counts: { users: { count: 2 }, viewers: { count: 3 } },
      }),
    { timeout: 15_000, interval: 50 },
  )
})

test('a person is sent to localhost, a program to an address', () => {
  expect(urlOf({ host: '0.0.0.0', port: 1 })).toBe('http://localhost:1')
  expect(urlOf({ host: '192.0.2.1', port: 1 })).toBe('http://192.0.2.1:1')
  expect(urlOf({ host: '2001:db8::1', port: 1 })).toBe('http://[2001:db8::1]:1')
  expect(socketsUrlOf({ host: '0.0.0.0', port: 1 })).toBe('ws://127.0.0.1:1')
  expect(socketsUrlOf({ host: '::', port: 1 })).toBe('ws://[::1]:1')
  expect(socketsUrlOf({ host: 'example.com', port: 1 })).toBe('ws://example.com:1')
})
