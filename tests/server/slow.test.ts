import { once } from 'node:events'
import { connect } from 'node:net'
import { maskedFrame, opcode, pause, rawSocket, until, WireClient } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import { afterEach, expect, test } from 'vitest'
import { type Running, startHeadcount } from '../support/start-headcount.js'

let server: Running
afterEach(() => server.stop())

const serverMetric = (name: string) => metric(server.url, `headcount_${name}`)

test.each([
  [6_000, 20],
  [65_536, 60],
])(
  'a client that stops reading skips diffs past a backlog of %i bytes, and is exact when it reads again',
  async (backlogBytes, size) => {
    server = await startHeadcount({ flush: { minimum: 1, framesPerSecond: 1e6 }, limits: { backlogBytes } })
    const topics = Array.from({ length: size }, (_, i) => `${i}:`.padEnd(250, 'x'))
    const slow = await WireClient.open(server.url)
    const quick = await WireClient.open(server.url, { vsn: 1 })
    for (const topic of topics) {
      await slow.enter(topic)
      await quick.enter(topic)
    }
    slow.socket.pause()
    let round = 0
    await until(
      'skipped diffs',
      async () => {
        for (let i = 0; i < 20; i++) {
          round += 1
          for (const topic of topics) server.headcount.track(topic, `kiosk ${round}`)
          await pause(2)
        }
        return (await serverMetric('slow_skips_total')) > 0
      },
      { within: 30_000 },
    )
    await quick.shows(topics[0]!, 0, 2 + round)
    expect(slow.shown(topics[0]!)).not.toEqual(quick.shown(topics[0]!))
    slow.socket.resume()
    for (const topic of topics) {
      await slow.shows(topic, 0, 2 + round)
      await quick.shows(topic, 0, 2 + round)
    }
    expect(slow.faults).toEqual([])
    expect(quick.faults).toEqual([])
    const states = (client: WireClient) => topics.map((topic) => client.events(topic, 'presence_state').length)
    expect(Math.max(...states(slow))).toBeGreaterThan(1)
    expect(Math.max(...states(quick))).toBe(1)
    slow.drop()
    quick.drop()
  },
  60_000,
)

test('the connection of a refused client that does not close it is closed by the server', async () => {
  server = await startHeadcount()
  const refused = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  refused.write('GET /socket/websocket?vsn=9 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const [response] = await once(refused, 'data')
  expect(String(response)).toContain('HTTP/1.1 403')
  await until('no connection', async () => (await connections()) === 0)
  refused.destroy()
})

test('clients that never send a close frame do not delay the drain', async () => {
  server = await startHeadcount()
  const silent = await Promise.all(Array.from({ length: 4 }, () => rawSocket(server.url)))
  for (const socket of silent) socket.pause()
  for (const socket of silent.slice(2)) socket.write(maskedFrame(opcode.text, 'not a Phoenix frame'))
  await until('the sockets with invalid frames to be closed', async () => (await serverMetric('sockets')) === 2)
  const start = performance.now()
  await server.headcount.close()
  await until('no connection', async () => (await connections()) === 0)
  expect(performance.now() - start).toBeLessThan(10_000)
  for (const socket of silent) socket.destroy()
})

/** The TCP connections of the server, without idle keep-alive ones. */
async function connections(): Promise<number> {
  server.server.closeIdleConnections()
  return new Promise((resolve, reject) => {
    server.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
