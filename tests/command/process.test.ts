import { once } from 'node:events'
import { freePorts } from '@headcount/tools/processes/free-port.mjs'
import { runHeadcount } from '@headcount/tools/processes/server.mjs'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Folder } from '../test/folder.js'

// The real program, as it is built: its exit codes, its signals, and what it says.
vi.setConfig({ testTimeout: 60_000 })

const folder = new Folder()
const secret = 'a-planted-jwt-secret-of-32-bytes-or-more'
const children: ReturnType<typeof runHeadcount>[] = []
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
})

function headcount(line: string, env: Readonly<Record<string, string>> = {}) {
  const child = runHeadcount(line.split(' '), { env, cwd: folder.path })
  children.push(child)
  return child
}

/** A server that listens, and the port that it is at. */
async function serve(line = '', env: Readonly<Record<string, string>> = {}) {
  const child = headcount(`serve ${line}`.trim(), env)
  const found = await child.until('its address', (output) => /is at http:\/\/localhost:(\d+)/.exec(output), {
    within: 50_000,
  })
  return { child, port: Number(found[1]) }
}

async function ended(line: string, env: Readonly<Record<string, string>> = {}) {
  const child = headcount(line, env)
  const { code } = await child.exited
  return { code, output: child.output }
}

/** A socket that has joined a topic, and the code with which it is closed one day. */
async function join(port: number, params = '') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0${params}`)
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')
  socket.send('["1","1","video:42","phx_join",{}]')
  const [reply] = (await once(socket, 'message')) as [Buffer]
  expect(JSON.parse(reply.toString())[4]).toEqual({ status: 'ok', response: {} })
  return { socket, closed }
}

const countsOf = async (port: number) =>
  ((await (await fetch(`http://127.0.0.1:${port}/api/counts/video:42`)).json()) as { counts: unknown }).counts

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s sends sockets away with 1012, ends streams, and the exit code is 0',
  async (signal) => {
    const { child, port } = await serve('--port 0')
    const { closed } = await join(port)
    const stream = await fetch(`http://127.0.0.1:${port}/api/counts/video:42/stream`)
    child.signal(signal)
    expect(await closed).toBe(1012)
    expect(await stream.text()).toContain('data: {"users":{"count":0},"viewers":{"count":1}}')
    expect(await child.exited).toEqual({ code: 0, signal: null })
  },
)

test('a signal that comes twice, as under npm, drains once', async () => {
  const { child, port } = await serve('--port 0')
  const { socket, closed } = await join(port)
  // One that does not say goodbye, so that the drain is still under way when the next signals come.
  socket.pause()
  child.signal('SIGINT')
  await child.until('the drain', (output) => output.includes('draining'))
  child.signal('SIGINT')
  child.signal('SIGTERM')
  expect(await child.exited).toEqual({ code: 0, signal: null })
  socket.resume()
  await closed
})

test('a client that does not say goodbye does not hold the drain up', async () => {
  const { child, port } = await serve('--port 0')
  const { socket, closed } = await join(port)
  socket.pause()
  child.signal('SIGTERM')
  expect(await child.exited).toEqual({ code: 0, signal: null })
  socket.resume()
  await closed
})

test('a flag wins over the environment, and the environment over the file', async () => {
  const [inFile, inEnv, inFlag] = (await freePorts(3)) as [number, number, number]
  await folder.write('headcount.config.ts', `export default { port: ${inFile} as number }`)
  const env = { HEADCOUNT_PORT: String(inEnv) }
  const servers = await Promise.all([serve(), serve('', env), serve(`--port ${inFlag}`, env)])
  expect(servers.map(({ port }) => port)).toEqual([inFile, inEnv, inFlag])
})

test('a wrong setting stops the start with exit code 1 and a message that names it', async () => {
  await folder.write('wrong.json', '{"limits":{"heartbeat":-5}}')
  const port = 'expected a whole number from 0 to 65535, got 70000'
  const ms = 'expected a whole number of ms from 100 to 86400000, got'
  expect(
    await Promise.all([
      ended('serve --port 70000'),
      ended('serve', { HEADCOUNT_LEASE: 'soon' }),
      ended('serve --config wrong.json'),
    ]),
  ).toEqual([
    { code: 1, output: `headcount: --port: ${port}\n` },
    { code: 1, output: `headcount: HEADCOUNT_LEASE: ${ms} "soon"\n` },
    { code: 1, output: `headcount: limits.heartbeat in wrong.json: ${ms} -5\n` },
  ])
})

test('a port that is in use stops the start with exit code 1', async () => {
  const { port } = await serve('--port 0')
  const { code, output } = await ended(`serve --port ${port}`)
  expect(code).toBe(1)
  expect(output).toMatch(/^headcount: port \d+ of 127\.0\.0\.1: expected a free port, got one.*\n$/)
})

test('a token that headcount signs makes a user of a server with the same secret', async () => {
  const env = { HEADCOUNT_JWT_SECRET: secret }
  const { code, output } = await ended('token --sub 7', env)
  expect(code).toBe(0)
  const { port } = await serve('--port 0', env)
  const { socket } = await join(port, `&token=${output.trim()}`)
  expect(await countsOf(port)).toEqual({ users: { count: 1 }, viewers: { count: 0 } })
  socket.terminate()
})

test('nothing that it says, at any level, holds a secret, a token, a user or a client id', async () => {
  const env = {
    HEADCOUNT_JWT_SECRET: secret,
    HEADCOUNT_SECRET: 'a-planted-people-secret',
    HEADCOUNT_OPERATOR_KEY: 'a-planted-operator-key',
    HEADCOUNT_LOG_LEVEL: 'debug',
  }
  const good = (await ended('token --sub planted-user-41', env)).output.trim()
  const [head, payload, signature] = good.split('.') as [string, string, string]
  const { child, port } = await serve('--port 0 --demo --unit people --grace 10', env)
  const bad = [`${head}.${payload}.${signature.slice(0, -4)}AAAA`, 'planted-malformed', 'planted.mal.formed']
  for (const token of [good, ...bad]) {
    const { socket, closed } = await join(port, `&token=${token}&client_id=planted-client-42`)
    socket.send('{"planted-frame"')
    expect(await closed).toBe(1007)
  }
  await child.stop()
  expect(child.output).toContain('draining')
  for (const text of [secret, 'planted', payload, signature]) expect(child.output).not.toContain(text)
})
