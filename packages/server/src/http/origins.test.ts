import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createMetrics } from '../metrics/prometheus.js'
import { serve } from '../test/serve.js'
import { allowsOrigin } from './origins.js'

test.each([
  ['http://localhost:5173', '127.0.0.1:4000', true],
  ['http://127.0.0.1:5173', 'localhost:4000', true],
  ['http://[::1]:5173', 'localhost:4000', true],
  ['https://a.example', 'a.example:4000', true],
  ['https://b.example', 'a.example', false],
  ['http://localhost.example', 'localhost:4000', false],
  ['http://localhost:5173', 'a.example', false],
  ['null', 'localhost:4000', false],
])('without the option, a page of %s at the host %s is allowed: %j', (origin, host, allowed) => {
  expect(allowsOrigin(undefined)(origin, host)).toBe(allowed)
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
