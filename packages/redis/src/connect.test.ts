import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { FakeClock } from '@headcount/core/fake-clock'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from './connect.js'
import { resolveOptions } from './options.js'

test('a Redis that does not answer is logged after 2 s, and the attempt fails after 5 s', async () => {
  const clock = new FakeClock()
  const logged: object[] = []
  const logger = { info: () => {}, warn: (fields: object) => void logged.push(fields) }
  const urls = ['redis://me:planted@127.0.0.1:2']
  const failed = connect(resolveOptions({ urls, clock, logger }), 10_000).catch((error: Error) => error.message)
  // The refusal arrives in real time.
  await new Promise((resolve) => setTimeout(resolve, 500))
  await clock.advance(1_999)
  expect(logged).toEqual([])
  await clock.advance(1)
  const reason = 'connect ECONNREFUSED 127.0.0.1:2'
  expect(logged).toEqual([{ event: 'connect_retrying', hosts: '127.0.0.1:2', reason, seconds: 5 }])
  await clock.advance(3_000)
  expect(await failed).toBe(`cannot connect to Redis at 127.0.0.1:2: ${reason}`)
  expect(logged).toHaveLength(1)
  expect(clock.timers).toBe(0)
})

test.each([
  ['a Redis', '', /HELLO/, (url: string) => [url]],
  [
    'with a user and a database',
    'ann:p%C3%A4ss@',
    /AUTH\s+\$3\s+ann\s+\$5\s+päss[\s\S]*SELECT\s+\$1\s+2/,
    (url: string) => [`${url}/2`],
  ],
  ['nodes of a Redis Cluster', '', /HELLO/, (url: string) => [url, url]],
])('an IPv6 address is connected to: %s', async (_case, user, expected, urlsOf) => {
  const server = createServer().listen(0, '::1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const connected = once(server, 'connection')
  const clock = new FakeClock()
  const failed = connect(resolveOptions({ urls: urlsOf(`redis://${user}[::1]:${port}`), clock }), 10_000).catch(
    () => {},
  )
  const [socket] = (await connected) as [Socket]
  const [sent] = await once(socket, 'data')
  expect(String(sent)).toMatch(expected)
  socket.destroy()
  await clock.advance(5_000)
  await failed
})
