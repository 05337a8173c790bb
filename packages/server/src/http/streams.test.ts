import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Totals } from '@headcount/protocol'
import { startHeadcount, until, WireClient } from '@headcount/testing'
import { createAdaptorServer } from '@hono/node-server'
import { afterEach, expect, test } from 'vitest'
import { expectProblem } from '../test/problem.js'
import { type HttpOptions, httpApp } from './app.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

async function start() {
  const server = await startHeadcount()
  undo.push(() => server.stop())
  const metric = async (name: string) => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(text.match(new RegExp(`^headcount_${name} (\\d+)$`, 'm'))?.[1])
  }
  const stream = async (topic: string) => {
    const stop = new AbortController()
    undo.push(() => stop.abort())
    const answer = await fetch(`${server.url}/api/counts/${topic}/stream`, { signal: stop.signal })
    return { answer, stop, reader: answer.body!.pipeThrough(new TextDecoderStream()).getReader() }
  }
  return { ...server, metric, stream }
}

const data = (users: number, viewers: number) => `data: {"users":{"count":${users}},"viewers":{"count":${viewers}}}\n\n`

test('a stream says what sockets are told, and its reader counts as nobody', async () => {
  const { url, headcount, stream } = await start()
  const { answer, reader } = await stream('video:42')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(answer.headers.get('cache-control')).toBe('no-store, no-transform')
  let text = ''
  const says = async (wanted: string) => {
    while (!text.includes(wanted)) text += (await reader.read()).value
  }
  await says(data(0, 0))
  expect(text.startsWith('retry: 2000\n\n')).toBe(true)
  const client = await WireClient.open(url)
  await client.join('video:42')
  await says(data(0, 1))
  headcount.track('video:42', 'someone', { group: 'users' })
  await says(data(1, 1))
  client.drop()
  await says(data(1, 0))
})

test('a reader that goes away is unfollowed', async () => {
  const { metric, stream } = await start()
  const readers = [await stream('video:42'), await stream('video:42')]
  for (const { reader } of readers) await reader.read()
  expect(await metric('streams')).toBe(2)
  expect(await metric('topics')).toBe(1)
  readers[0]!.stop.abort()
  await until('one stream', async () => (await metric('streams')) === 1)
  expect(await metric('topics')).toBe(1)
  readers[1]!.stop.abort()
  await until('no stream', async () => (await metric('streams')) === 0)
  await until('no topic', async () => (await metric('topics')) === 0)
})

test('HEAD of a stream follows nothing', async () => {
  const { url, metric } = await start()
  const answer = await fetch(`${url}/api/counts/video:42/stream`, { method: 'HEAD' })
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await answer.text()).toBe('')
  expect(await metric('streams')).toBe(0)
  expect(await metric('topics')).toBe(0)
})

test('streams end when the server stops, and none begins after', async () => {
  const { url, headcount, server, stream } = await start()
  const readers = await Promise.all(['video:1', 'video:2', 'video:3'].map((topic) => stream(topic)))
  for (const { reader } of readers) await reader.read()
  await headcount.close()
  for (const { reader } of readers) expect((await reader.read()).done).toBe(true)
  await until('no connection', async () => {
    const open = await new Promise((done) => server.getConnections((_, count) => done(count)))
    return open === 0
  })
  await expectProblem(await fetch(`${url}/api/counts/video:1/stream`), 503, 'unavailable')
})

/** One topic whose totals the test sets, as fast as it likes. */
async function serveTotals(options: Partial<HttpOptions> = {}) {
  const listeners = new Set<(totals: Totals) => void>()
  const app = httpApp({
    source: {
      allows: () => true,
      read: async () => [],
      trouble: () => undefined,
      follow(_, listener) {
        listeners.add(listener)
        listener([0, 0])
        return () => void listeners.delete(listener)
      },
    },
    groups: ['users', 'viewers'],
    ...options,
  })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const set = (...totals: number[]) => {
    for (const listener of listeners) listener(totals)
  }
  return { listeners, set, port: (server.address() as AddressInfo).port }
}

test('a reader that does not read is passed over, and told the newest when it reads on', async () => {
  const { listeners, set, port } = await serveTotals()
  const socket = connect(port, '127.0.0.1')
  undo.push(() => socket.destroy())
  socket.write('GET /api/counts/video:42/stream HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('a follower', () => listeners.size === 1)
  socket.pause()
  // Far more than the kernel and the response keep between them.
  const changes = 300_000
  for (let i = 1; i <= changes; i++) {
    set(0, i)
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  let events = 0
  let text = ''
  socket.on('data', (chunk) => {
    text = (text + chunk).slice(-4_096)
    events += String(chunk).split('data: ').length - 1
  })
  socket.resume()
  await until('the newest counts', () => text.includes(data(0, changes)))
  expect(events).toBeLessThan(changes / 2)
})

test('only so many streams are open at once', async () => {
  const { listeners, port } = await serveTotals({ maxStreams: 2 })
  const stop = new AbortController()
  const url = `http://127.0.0.1:${port}/api/counts/video:1/stream`
  await fetch(url, { signal: stop.signal })
  await fetch(url)
  await until('two followers', () => listeners.size === 2)
  await expectProblem(await fetch(url), 503, 'too_many_streams')
  stop.abort()
  await until('one follower', () => listeners.size === 1)
  expect((await fetch(url)).status).toBe(200)
})
