import { listen } from '@headcount/tools/live/listen.mjs'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { afterEach, expect, test, vi } from 'vitest'
import { CommandLine } from '../test/command-line.js'
import { urlOf } from './listen.js'

const commandLine = new CommandLine()
let exited: Promise<number> | undefined

afterEach(async () => {
  commandLine.stop()
  await exited
  exited = undefined
})

/** Starts a server on a free port. @returns its URL. */
async function serve(line = '', env: Readonly<Record<string, string>> = {}): Promise<string> {
  exited = commandLine.run(`serve --port 0 --drain-delay 0 --log-level silent ${line}`.trim(), env)
  const { printed, errors } = commandLine
  await vi.waitFor(() => expect([...printed, ...errors]).not.toEqual([]), { timeout: 10_000 })
  expect(errors).toEqual([])
  return printed[0]!.replace('Headcount is at ', '').replace('localhost', '127.0.0.1')
}

const statusOf = async (url: string) => (await fetch(url)).status

test('prints its URL and serves until it is asked to stop', async () => {
  const url = await serve('', { HEADCOUNT_OPERATOR_KEY: 'k'.repeat(32) })
  const here = url.replace('127.0.0.1', 'localhost')
  expect(commandLine.printed).toEqual([`Headcount is at ${here}`, `Dashboard: ${here}/dashboard`])
  expect(await statusOf(`${url}/readyz`)).toBe(200)
  commandLine.stop()
  expect(await exited).toBe(0)
  await expect(fetch(`${url}/readyz`)).rejects.toThrow()
})

test('without an operator key, prints a link with a random one', async () => {
  const url = await serve()
  const [, link = '', key = ''] = /^Dashboard: (\S+)#key=(\S+)$/.exec(commandLine.printed[1] ?? '') ?? []
  expect(new URL(link).pathname).toBe('/dashboard')
  expect(await statusOf(`${url}/metrics?access_token=${key}`)).toBe(200)
  expect(await statusOf(`${url}/metrics`)).toBe(401)
})

test('the operator port serves metrics without a key', async () => {
  const port = await freePort()
  await serve(`--operator-port ${port}`)
  expect(commandLine.printed[1]).toBe(`Dashboard: http://localhost:${port}/dashboard`)
  expect(await statusOf(`http://127.0.0.1:${port}/dashboard`)).toBe(200)
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('headcount_joins_total 0')
  expect(await statusOf(`http://127.0.0.1:${port}/api/counts/a`)).toBe(404)
})

test('an operator port of 0 is a free one, which the link names', async () => {
  await serve('--operator-port 0')
  const [, operatorUrl] = /^Dashboard: (http:.*)\/dashboard$/.exec(commandLine.printed[1] ?? '') ?? []
  expect(await statusOf(`${operatorUrl?.replace('localhost', '127.0.0.1')}/metrics`)).toBe(200)
})

test('settings reach the server', async () => {
  await commandLine.config({ groups: ['members', 'guests'], limits: { topicBytes: 8 } })
  const url = await serve('--topics video:*')
  expect(await (await fetch(`${url}/api/counts/video:1`)).json()).toEqual({
    topic: 'video:1',
    counts: { members: { count: 0 }, guests: { count: 0 } },
  })
  expect(await statusOf(`${url}/api/counts/video:123`)).toBe(400)
  expect(await statusOf(`${url}/api/counts/room:1`)).toBe(404)
})

test('a port that is in use stops the start', async () => {
  const { port } = new URL(await listen(() => {}))
  expect(await commandLine.run(`serve --port ${port}`)).toBe(1)
  expect(commandLine.errors).toEqual([
    `headcount: port ${port} of 127.0.0.1: expected a free port, got one that another program listens on ` +
      '(EADDRINUSE); choose another with --port',
  ])
})

test('an address of another machine stops the start', async () => {
  expect(await commandLine.run('serve --port 0 --host 192.0.2.1')).toBe(1)
  expect(commandLine.errors).toEqual([
    'headcount: host 192.0.2.1: expected an address of this machine, got another (EADDRNOTAVAIL)',
  ])
})

test('a link-local address without its zone stops the start', async () => {
  expect(await commandLine.run('serve --port 0 --host fe80::1')).toBe(1)
  expect(commandLine.errors).toEqual([
    'headcount: host fe80::1: expected an address of this machine, with its zone if it is link-local ' +
      '(fe80::1%eth0), got another (EINVAL)',
  ])
})

test('an unreachable Redis stops the start, and its password is not shown', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  exited = commandLine.run('serve --port 0 --log-level silent --redis redis://me:hunter2@127.0.0.1:1')
  while (commandLine.errors.length === 0) await vi.advanceTimersByTimeAsync(500)
  vi.useRealTimers()
  expect(await exited).toBe(1)
  expect(commandLine.errors).toHaveLength(1)
  expect(commandLine.errors[0]).toMatch(/^headcount: --redis \(HEADCOUNT_REDIS_URL\): expected a usable Redis, got: /)
  expect(commandLine.errors[0]).not.toContain('hunter2')
})

test('a URL for this machine has the host localhost', () => {
  expect(urlOf({ host: '0.0.0.0', port: 1 })).toBe('http://localhost:1')
  expect(urlOf({ host: '::', port: 1 })).toBe('http://localhost:1')
  expect(urlOf({ host: '192.0.2.1', port: 1 })).toBe('http://192.0.2.1:1')
  expect(urlOf({ host: '2001:db8::1', port: 1 })).toBe('http://[2001:db8::1]:1')
})
