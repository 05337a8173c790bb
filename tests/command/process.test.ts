import { tmpdir } from 'node:os'
import { until, WireClient } from '@headcount/testing'
import { Child } from '@headcount/tools/processes/child.mjs'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { runHeadcount, startServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { startWorkers } from '../support/workers.js'

const cleanup = cleanups(afterAll)
const topic = 'video:42'
const secret = 'a-planted-jwt-secret-of-32-bytes-or-more'

async function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}, launcher: readonly string[] = []) {
  const server = await startServer(args, { env, cwd: tmpdir(), launcher })
  cleanup(() => server.kill())
  return server
}

async function enter(url: string, options = {}): Promise<WireClient> {
  const client = await WireClient.open(url, options)
  cleanup(() => client.drop())
  return client.enter(topic)
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = runHeadcount(args, { env, cwd: tmpdir() })
  const { code } = await child.exited
  return { code, output: child.output }
}

test.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
  '%s closes sockets with 1012, ends streams, and exits 0',
  async (signal) => {
    const server = await start()
    const client = await enter(server.url)
    const stream = await fetch(`${server.url}/api/counts/${topic}/stream`)
    server.child.signal(signal)
    expect((await client.closed).code).toBe(1012)
    expect(await stream.text()).toContain('data: {"users":{"count":0},"viewers":{"count":1}}')
    expect(await server.child.exited).toEqual({ code: 0, signal: null })
  },
)

test.concurrent('a start, a drain and its end are one line each, with numbers', async () => {
  const server = await start(['--operator-port', String(await freePort()), '--drain-over', '200'])
  for (let i = 0; i < 5; i++) await enter(server.url)
  await server.stop()
  const lines = server.output.split('\n').filter((line) => line.startsWith('{'))
  const { port } = new URL(server.url)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      msg: 'listening',
      ...{ version: expect.stringMatching(/^\d+\.\d+\.\d+/), engine: 'memory', url: `http://localhost:${port}` },
      operatorUrl: expect.stringMatching(/^http:\/\/localhost:\d+$/),
    },
    { msg: 'draining', reason: 'SIGTERM', sockets: 5 },
    { msg: 'stopped', sockets: 5, seconds: expect.any(Number) },
  ])
})

test.concurrent('with workers the start is one line, and each worker logs its closed sockets', async () => {
  const server = await startWorkers(2)
  cleanup(() => server.kill())
  for (let i = 0; i < 6; i++) await enter(server.url)
  await server.stop()
  expect(server.output.match(/"engine":"memory","workers":2,"url":"http.*"msg":"listening"/g)).toHaveLength(1)
  const closed = [...server.output.matchAll(/"worker":\d.*"sockets":(\d+),"msg":"stopped"/g)].map(([, n]) => Number(n))
  expect(closed).toHaveLength(2)
  expect(closed[0]! + closed[1]!).toBe(6)
})

test.concurrent('a client that does not answer the close delays no drain, and more signals speed it up', async () => {
  const { child, url } = await start()
  const client = await enter(url)
  client.socket.pause()
  child.signal('SIGINT')
  await child.until('it drained', (output) => output.includes('draining'))
  child.signal('SIGINT')
  child.signal('SIGTERM')
  expect(await child.exited).toEqual({ code: 0, signal: null })
  expect(child.output.match(/"msg":"draining"/g)).toHaveLength(1)
  client.socket.resume()
  await client.closed
})

/** Starts a server by a shell in place of npx: it does not pass on SIGTERM. */
function startByShell(nodeOptions = '') {
  const bin = new URL('../../packages/headcount/bin/headcount.js', import.meta.url).pathname
  const command = `${process.execPath} ${bin} serve --port 0 & echo "pid $!"; wait`
  const shell = new Child('sh', ['-c', command], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, npm_lifecycle_event: 'npx', NODE_OPTIONS: nodeOptions },
  })
  cleanup(() => shell.kill())
  return shell
}

test.concurrent('a server whose npx exits while it starts ends, too', async () => {
  // The program listens for SIGHUP last, and then loads the command.
  const exit = "process.on('newListener', (e) => e === 'SIGHUP' && setImmediate(process.kill, process.ppid, 'SIGTERM'))"
  const shell = startByShell(`--import=data:text/javascript,${encodeURIComponent(exit)}`)
  await shell.exited
  expect(shell.output).toContain('"reason":"npm exited"')
})

test.concurrent('a server that npx started drains when npx exits', async () => {
  const shell = startByShell()
  await shell.until('the server listened', (output) => output.includes('Headcount is at '))
  const pid = Number(/pid (\d+)/.exec(shell.output)?.[1])
  expect(process.kill(pid, 0)).toBe(true)
  shell.signal('SIGTERM')
  // Its output ends with the server's.
  await shell.exited
  expect(shell.output).toMatch(/"reason":"npm exited",.*"msg":"draining"[\s\S]*"msg":"stopped"/)
})

test.concurrent.each([
  ['standard output', '>/dev/full', []],
  ['log', '2>/dev/full', []],
  ['log and that of its workers', '2>/dev/full', ['--workers', '2']],
])('a server whose %s is on a full disk serves, drains and exits 0', async (_case, redirection, args) => {
  const server = await start(args, {}, ['bash', '-c', `exec "$0" "$@" ${redirection}`])
  const client = await enter(server.url)
  server.child.signal('SIGTERM')
  expect((await client.closed).code).toBe(1012)
  expect(await server.child.exited).toEqual({ code: 0, signal: null })
})

test.concurrent.each([[[]], [['--workers', '2']]])(
  'a server whose log is not read any more serves, drains and exits 0: %j',
  async (args) => {
    // A pipe has 64 KiB.
    const full = 'exec 3> >(exec sleep 30 >/dev/null 2>&1); head -c 65000 /dev/zero >&3; exec "$0" "$@" 2>&3'
    const server = await start(args, {}, ['bash', '-c', full])
    for (let i = 0; i < 20; i++) {
      const headers = { origin: `https://${'a'.repeat(60)}.${i}.example` }
      const response = await fetch(`${server.url}/socket/longpoll`, { headers, signal: AbortSignal.timeout(5_000) })
      expect(await response.json()).toMatchObject({ status: 403 })
    }
    server.child.signal('SIGTERM')
    expect(await server.child.exited).toEqual({ code: 0, signal: null })
  },
)

test.concurrent('a command whose output is closed ends without an error', async () => {
  const { url } = await start()
  const pipe = 'set -o pipefail; "$0" "$@" | head -1'
  const watch = runHeadcount(['watch', topic, '--url', url], { launcher: ['bash', '-c', pipe] })
  const client = await enter(url)
  await until('the end', async () => {
    await client.leave(topic)
    await client.join(topic)
    return !watch.running
  })
  expect((await watch.exited).code).toBe(1)
  expect(watch.output).toMatch(/^\S+ video:42 \d+ users, \d+ viewers?\n$/)
})

test.concurrent('an invalid setting stops the start with exit code 1 and one line', async () => {
  const expected = 'expected a whole number of ms from 100 to 86400000, got "soon"'
  expect(await run(['serve'], { HEADCOUNT_LEASE: 'soon' })).toEqual({
    code: 1,
    output: `headcount: HEADCOUNT_LEASE: ${expected}\n`,
  })
})

test.concurrent('a token that the command signs makes its bearer a user', async () => {
  const env = { HEADCOUNT_JWT_SECRET: secret }
  const { code, output } = await run(['token', '--sub', '7'], env)
  expect(code).toBe(0)
  const { url } = await start([], env)
  await (await enter(url, { token: output.trim() })).shows(topic, 1, 0)
})

test.concurrent('no secret, token, user or client id is logged at any level', async () => {
  const env = {
    HEADCOUNT_JWT_SECRET: secret,
    HEADCOUNT_SECRET: 'a-planted-people-secret',
    HEADCOUNT_OPERATOR_KEY: 'a-planted-operator-key',
  }
  const good = (await run(['token', '--sub', 'planted-user-41'], env)).output.trim()
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const server = await start(['--unit', 'people', '--log-level', 'debug'], env)
  const invalid = [`${header}.${payload}.${signature.slice(0, -4)}AAAA`, 'planted-malformed', 'planted.mal.formed']
  for (const token of [good, ...invalid]) {
    const client = await enter(server.url, { token, clientId: 'planted-client-42' })
    client.sendText('{"planted-frame"')
    expect((await client.closed).code).toBe(1007)
  }
  await server.stop()
  expect(server.output).toContain('draining')
  for (const text of [secret, 'planted', payload, signature]) expect(server.output).not.toContain(text)
})
