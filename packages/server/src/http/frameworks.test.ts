import { createServer, type IncomingMessage } from 'node:http'
import { WireClient } from '@headcount/testing'
import express from 'express'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import type { Headcount } from '../application-interface.js'
import { createHeadcount } from '../headcount.js'
import { listen } from '../test/serve.js'

/** Each starts an application that answers its own requests with "mine: " and the request's body. */
const frameworks: Record<string, (headcount: Headcount) => Promise<string>> = {
  Express: (headcount) => {
    const app = express()
    app.use(headcount.handle)
    app.use(express.text({ type: '*/*' }), (request, response) => void response.send(`mine: ${request.body}`))
    const server = createServer(app)
    headcount.attach(server)
    return listen(server)
  },
  Fastify: (headcount) => {
    const app = fastify({ forceCloseConnections: true })
    app.addHook('onRequest', (request, reply, done) => headcount.handle(request.raw, reply.raw, done))
    app.post('/*', (request) => `mine: ${request.body}`)
    headcount.attach(app.server)
    onTestFinished(() => app.close())
    return app.listen({ port: 0, host: '127.0.0.1' })
  },
  'plain Node': (headcount) => {
    const server = createServer((request, response) =>
      headcount.handle(request, response, async () => {
        let body = ''
        for await (const chunk of request) body += chunk
        response.end(`mine: ${body}`)
      }),
    )
    headcount.attach(server)
    return listen(server)
  },
}

test.each(Object.keys(frameworks))('under %s every route is served, and other requests are passed on', async (name) => {
  const headcount = createHeadcount()
  const url = await frameworks[name]!(headcount)
  // Before the server closes, which waits for its connections.
  onTestFinished(() => headcount.close())
  const client = await WireClient.open(url)
  await client.join('video:1')
  const headers = { authorization: `Bearer ${headcount.operator.key}` }
  const status = async (path: string, init = {}) => (await fetch(url + path, init)).status
  expect(await (await fetch(`${url}/api/counts/video:1`)).json()).toMatchObject({ topic: 'video:1' })
  expect(await status('/api/counts?topic=video:1')).toBe(200)
  expect(await status('/api/counts/video:1/stream', { method: 'HEAD' })).toBe(200)
  expect(await status('/healthz')).toBe(200)
  expect(await status('/readyz')).toBe(200)
  expect(await status('/metrics', { headers })).toBe(200)
  expect(await status('/metrics')).toBe(401)
  expect(await status('/socket/websocket?vsn=2.0.0')).toBe(400)
  for (const path of ['/mine', '/mine/healthz', '/api/mine', '/healthz/mine', '/socket']) {
    const response = await fetch(url + path, { method: 'POST', body: 'a body' })
    expect([path, await response.text()]).toEqual([path, 'mine: a body'])
  }
  client.drop()
})

test("Fastify's inject, whose requests have no connection, gets every answer", async () => {
  const headcount = createHeadcount()
  const app = fastify()
  app.addHook('onRequest', (request, reply, done) => headcount.handle(request.raw, reply.raw, done))
  app.addHook('preClose', () => headcount.close())
  app.get('/mine', () => 'mine')
  onTestFinished(() => app.close())
  expect((await app.inject('/mine')).body).toBe('mine')
  expect((await app.inject('/api/counts/a')).json()).toMatchObject({ topic: 'a' })
  expect((await app.inject('/headcount.js')).statusCode).toBe(200)
  const chunks = { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, payload: 'x' } as const
  expect((await app.inject({ url: '/socket/longpoll?vsn=2.0.0&token=x', ...chunks })).json()).toEqual({ status: 410 })
})

test('Fastify closes with an open socket and an open stream, if it closes Headcount in preClose', async () => {
  const headcount = createHeadcount()
  const app = fastify()
  app.addHook('onRequest', (request, reply, done) => headcount.handle(request.raw, reply.raw, done))
  app.addHook('preClose', () => headcount.close())
  headcount.attach(app.server)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const client = await WireClient.open(url)
  const stream = await fetch(`${url}/api/counts/a/stream`)
  await app.close()
  expect(await stream.text()).toMatch(/^retry/)
  client.drop()
})

test.each([
  ['json', express.json(), 'application/json'],
  ['json', express.json({ type: '*/*' }), 'application/x-ndjson'],
  ['text', express.text({ type: '*/*' }), 'application/x-ndjson'],
  ['raw', express.raw({ type: '*/*' }), 'application/x-ndjson'],
  ['another parser', readToTheEnd, 'application/json'],
])('behind express.%s, which has read the body, a long poll is answered', async (_, parser, type) => {
  const headcount = createHeadcount()
  const app = express().use(parser).use(headcount.handle)
  const url = `${await listen(createServer(app))}/socket/longpoll?vsn=2.0.0`
  onTestFinished(() => headcount.close())
  const { token } = (await (await fetch(url)).json()) as { token: string }
  const body = JSON.stringify(['1', '1', 'video:1', 'phx_join', {}])
  const post = (content: string) =>
    fetch(`${url}&token=${token}`, { method: 'POST', body: content, headers: { 'content-type': type } })
  // Without a body the session ends.
  const isKept = parser !== readToTheEnd
  expect(await (await post(body)).json()).toEqual({ status: isKept ? 200 : 410 })
  expect(await (await post(JSON.stringify(['x'.repeat(9_000)]))).json()).toEqual({ status: isKept ? 413 : 410 })
})

/** A parser that keeps the body to itself. */
function readToTheEnd(request: IncomingMessage, _: unknown, next: () => void): void {
  request.resume().once('end', next)
}
