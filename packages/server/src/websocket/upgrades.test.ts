import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Headcount } from '../application-interface.js'
import { createHeadcount } from '../headcount.js'

let server: Server
let headcount: Headcount
let url: string
beforeEach(async () => {
  server = createServer((_, response) => response.end('from the application'))
  headcount = createHeadcount()
  url = `127.0.0.1:${await listenLocally(server)}`
})
afterEach(async () => {
  await headcount.close()
  server.closeAllConnections()
  server.close()
})

/** Sends a text at a path. Resolves with the answer. */
async function ask(path: string, text: string): Promise<string> {
  const client = new WebSocket(`ws://${url}${path}`)
  await once(client, 'open')
  client.send(text)
  const [answer] = await once(client, 'message')
  client.close()
  await once(client, 'close')
  return String(answer)
}

const heartbeat = '[null,"1","phoenix","heartbeat",{}]'
const askHeadcount = (path = '/socket/websocket?vsn=2.0.0') => ask(path, heartbeat)
const pong = '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]'

const attach = () => void headcount.attach(server)
const serveChat = () => {
  const chat = new WebSocketServer({ server, path: '/chat' })
  chat.on('connection', (socket) => socket.on('message', (data) => socket.send(`chat ${data}`)))
}

test.each([
  ['before', [attach, serveChat]],
  ['after', [serveChat, attach]],
])('a server attached %s a WebSocketServer of the application leaves it its own path', async (_, steps) => {
  for (const step of steps) step()
  expect(await Promise.all([askHeadcount(), ask('/chat', 'hello')])).toEqual([pong, 'chat hello'])
  await expect(ask('/other', '')).rejects.toThrow('400')
})

test('an application of Express in place of its server is refused', () => {
  const application = Object.assign(() => {}, { on: () => {}, listen: () => server })
  expect(() => headcount.attach(application as never)).toThrow(
    'attach: expected a server of node:http (of Express: what app.listen returns), got another object',
  )
})

test('a server attached twice answers one handshake', async () => {
  const detach = headcount.attach(server)
  headcount.attach(server)
  expect(await askHeadcount()).toBe(pong)
  await expect(ask('/other', '')).rejects.toThrow('404')
  detach()
  expect(await askHeadcount()).toBe(pong)
})

test('of two servers attached to one HTTP server the newest gets the sockets', async () => {
  const old = createHeadcount()
  old.attach(server)
  headcount.attach(server)
  await old.close()
  expect(await askHeadcount()).toBe(pong)
})

test('the returned function detaches, and restores the HTTP server', async () => {
  const { emit } = server
  const listeners = server.listeners('upgrade')
  headcount.attach(server)()
  expect(server.emit).toBe(emit)
  expect(server.listeners('upgrade')).toEqual(listeners)
})

test('a server is detached even if another program has wrapped its events since', async () => {
  serveChat()
  const detach = headcount.attach(server)
  const { emit } = server
  server.emit = ((...args: unknown[]) => Reflect.apply(emit, server, args)) as Server['emit']
  detach()
  await expect(askHeadcount()).rejects.toThrow('400')
})

test("a message right before the client's close is answered before the connection closes", async () => {
  attach()
  const client = new WebSocket(`ws://${url}/socket/websocket?vsn=2.0.0`)
  await once(client, 'open')
  const events: string[] = []
  client.on('message', (data) => events.push(String(data)))
  client.send(heartbeat)
  client.close(1000)
  const [code] = await once(client, 'close')
  expect([...events, code]).toEqual([pong, 1000])
})

test('a timeout of the HTTP server does not end its sockets', async () => {
  server.setTimeout(60_000)
  attach()
  const connection = once(server, 'connection')
  expect(await askHeadcount()).toBe(pong)
  const [stream] = await connection
  expect(stream.timeout).toBe(0)
})

test('a client that offers one and keeps its half of the connection open cannot keep the server open', async () => {
  attach()
  const client = connect({ port: Number(url.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true })
  client.write('GET /page HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
  await once(client.resume(), 'end')
  await new Promise((resolve) => server.close(resolve))
  client.destroy()
})

test.each(['h2c', 'websocket'])(
  'an upgrade to %s behind a request without a response yet closes only its connection',
  async (upgrade) => {
    attach()
    server.removeAllListeners('request')
    const request = once(server, 'request')
    const client = connect(Number(url.split(':')[1]), '127.0.0.1')
    client.on('error', () => {}).resume()
    const head = `Host: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`
    client.write(`GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /other HTTP/1.1\r\n${head}`)
    await once(client, 'close')
    await request
    expect(await askHeadcount()).toBe(pong)
  },
)
