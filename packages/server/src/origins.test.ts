import { until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createMetrics } from './metrics/prometheus.js'
import { allowsOrigin } from './origins.js'
import { RawClient } from './test/raw-client.js'
import { serve } from './test/serve.js'

test.each([
  ['http://localhost:5173', '127.0.0.1:4000', true],
  ['http://127.0.0.1:5173', 'localhost:4000', true],
  ['http://[::1]:5173', 'localhost:4000', true],
  ['http://app.localhost:5173', '127.0.0.1:4000', true],
  ['http://127.0.0.2', 'localhost:4000', true],
  ['http://127.0.0.1.example', 'localhost:4000', false],
  ['http://localhost/page', 'localhost:4000', false],
  ['http://a.example@localhost', 'localhost:4000', false],
  ['https://a.example', 'a.example:4000', true],
  ['https://b.example', 'a.example', false],
  ['http://localhost.example', 'localhost:4000', false],
  ['http://localhost:5173', 'a.example', false],
  ['null', 'localhost:4000', false],
])('without the option, a page of %s at the host %s is allowed: %j', (origin, host, allowed) => {
  expect(allowsOrigin(undefined)(origin, host)).toBe(allowed)
})

test("named origins replace the default: the server's own host is no longer allowed", () => {
  const allows = allowsOrigin(['https://www.example.com'])
  expect(allows('https://www.example.com', 'counts.example.com')).toBe(true)
  expect(allows('https://counts.example.com', 'counts.example.com')).toBe(false)
})

test.each([
  ['https://a.example:443', 'https://a.example', true],
  ['http://a.example:80', 'http://a.example', true],
  ['https://a.example:80', 'https://a.example:80', true],
  ['https://a.example:8443', 'https://a.example', false],
  ['https://Müller.example', 'https://xn--mller-kva.example', true],
  ['https://*.müller.example:443', 'https://a.xn--mller-kva.example', true],
  ['https://*.müller.example', 'https://xn--mller-kva.example', false],
  ['https://*.a.example', 'https://b.c.a.example', true],
  ['https://*.a.example', 'https://.a.example', false],
  ['https://*.a.example', 'https://b.other.example', false],
  ['https://*.a.example', 'http://bb.a.example', false],
  ['https://*.a.example', 'https://b.example/.a.example', false],
  ['https://*.a.example', 'https://b.example:1.a.example', false],
  ['https://*.a.example:8443', 'https://b.a.example:8443', true],
  ['Capacitor://localhost', 'capacitor://localhost', true],
  ['file://', 'file://', true],
  ['null', 'null', true],
  ['https://a.example/', 'https://a.example', true],
])('with %s, a page whose browser sends %s is allowed: %j', (named, sent, allowed) => {
  expect(allowsOrigin([named])(sent, 'counts.example')).toBe(allowed)
})

/** Sends an upgrade with a text as its origin, byte by byte. */
async function upgradeFrom(port: number, ...origins: string[]): Promise<void> {
  const clients = origins.map((origin) => {
    const client = new RawClient(port)
    const head = `GET /socket/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    client.socket.write(`${head}${key}Origin: ${origin}\r\n\r\n`, 'latin1')
    return client
  })
  await until('all answers', () => clients.every(({ received }) => received.startsWith('HTTP/1.1 403')))
}

test.each([
  ['a command for a terminal', 'http://\x9b2J', 'http://?2J'],
  ['marks of direction', 'http://a\xe2\x80\xaeb', 'http://a???b'],
  ['a tab', 'http://a\tb', 'http://a?b'],
  ['a very long text', `http://${'a'.repeat(4_000)}`, `http://${'a'.repeat(193)}`],
])('%s instead of an origin is not in the log', async (_title, origin, expected) => {
  const { port, logged } = await serve()
  await upgradeFrom(port, origin)
  expect(logged.map((line) => JSON.parse(line).origin)).toEqual([expected])
})

test('a client that invents origins hides no other event from the log', async () => {
  const { port, logged, headcount } = await serve()
  await upgradeFrom(port, ...Array.from({ length: 150 }, (_, i) => `https://${i}.example`))
  const refused = logged.length
  expect(refused).toBe(101)
  headcount.on('counts', () => {
    throw new TypeError()
  })
  const client = new RawClient(port)
  client.get('/api/counts/a/stream')
  await until('a stream', () => client.received.includes('data:'))
  headcount.track('a', 'x')
  await until('the event', () => logged.slice(refused).join().includes('callback_failed'))
})

test('a refused origin is counted each time, and logged once with the setting that allows it', async () => {
  const metrics = createMetrics({ process: false })
  const { port, logged } = await serve({ metrics })
  const statusFor = (origin: string) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`, { origin })
      socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode)).on('error', () => {})
    })
  for (const origin of ['https://a.example', 'https://a.example', 'https://b.example'])
    expect(await statusFor(origin)).toBe(403)
  expect(logged).toHaveLength(2)
  for (const [i, origin] of ['https://a.example', 'https://b.example'].entries()) {
    expect(JSON.parse(logged[i]!)).toMatchObject({ origin, message: expect.stringContaining('origins (--origins)') })
  }
  expect(await metrics.text()).toContain('headcount_refused_upgrades_total{code="origin"} 3\n')
})
