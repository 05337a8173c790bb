import { expect, test } from 'vitest'
import { serve } from '../test/serve.js'
import { TestServer } from '../test/test-server.js'

test('a channel that observes is an observer until it is counted, or leaves', async () => {
  const server = await TestServer.open()
  const { admission } = server.sockets.context
  const [client, other] = [server.connect(), server.connect()]
  client.join('a', { observe: true })
  other.join('a')
  expect(admission.observers).toBe(1)
  for (const observe of [true, false, true]) client.push('a', 'observe', { observe })
  expect(admission.observers).toBe(1)
  client.push('a', 'observe', { observe: false })
  expect(admission.observers).toBe(0)
  other.push('a', 'observe', { observe: true })
  await server.stop()
  expect(admission.observers).toBe(0)
})

test('while there are sockets, the lag of the event loop is measured once a second', async () => {
  const server = await TestServer.open()
  server.connect()
  await server.clock.advance(1_000)
  server.clock.jump(1_400)
  await server.clock.advance()
  expect(server.observed.event_loop_lag).toEqual([0, 0.4])
  await server.stop()
})

test('/metrics has presences by pattern and group, the lease and the version, never a topic', async () => {
  const { headcount, get } = await serve({ operatorKey: 'the-key', topics: ['video:*'], lease: 20_000 })
  headcount.track('video:42', 'kiosk')
  const text = await (await get('/metrics?access_token=the-key')).text()
  expect(text).toContain('headcount_presences{pattern="video:*",group="viewers"} 1\n')
  expect(text).toContain('headcount_lease_seconds 20\n')
  expect(text).toMatch(/^headcount_lease_age_seconds [\d.e-]+$/m)
  expect(text).toMatch(/^headcount_build_info\{version="\d+\.\d+\.\d+"\} 1$/m)
  expect(text).not.toContain('video:42')
})
