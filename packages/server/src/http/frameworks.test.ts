import { createServer } from 'node:http'
import { WireClient } from '@headcount/testing'
import express from 'express'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { createHeadcount } from '../headcount.js'
import { listen } from '../test/serve.js'

function create() {
  const headcount = createHeadcount()
  return { headcount, closeAfterTest: () => onTestFinished(() => headcount.close()) }
}

/** Every route is Headcount's, and every other request the application's. */
async function expectBoth(url: string, operatorKey: string): Promise<void> {
  const client = await WireClient.open(url)
  await client.join('video:1')
  const headers = { authorization: `Bearer ${operatorKey}` }
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
}

test('Express serves every route', async () => {
  const { headcount, closeAfterTest } = create()
  const app = express()
  app.use(headcount.handle)
  app.use(express.text({ type: '*/*' }), (request, response) => void response.send(`mine: ${request.body}`))
  const server = createServer(app)
  headcount.attach(server)
  const url = await listen(server)
  closeAfterTest()
  await expectBoth(url, headcount.operator.key)
})

test('Fastify serves every route', async () => {
  const { headcount, closeAfterTest } = create()
  const app = fastify({ forceCloseConnections: true })
  app.addHook('onRequest', (request, reply, done) => headcount.handle(request.raw, reply.raw, done))
  app.post('/*', (request) => `mine: ${request.body}`)
  headcount.attach(app.server)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => app.close())
  closeAfterTest()
  await expectBoth(url, headcount.operator.key)
})

test('plain Node serves every route', async () => {
  const { headcount, closeAfterTest } = create()
  const server = createServer((request, response) =>
    headcount.handle(request, response, async () => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.end(`mine: ${body}`)
    }),
  )
  headcount.attach(server)
  const url = await listen(server)
  closeAfterTest()
  await expectBoth(url, headcount.operator.key)
})
