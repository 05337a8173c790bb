import { once } from 'node:events'
import { connect } from 'node:net'
import {
  maskedFrame,
  opcode,
  pause,
  type Running,
  rawSocket,
  startHeadcount,
  until,
  WireClient,
} from '@headcount/testing'
import { afterEach, expect, test } from 'vitest'

let server: Running
afterEach(() => server.stop())

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^headcount_${name} (\\d+)$`, 'm').exec(text)?.[1])
}

test.each([
  [6_000, 20],
  [65_536, 60],
])(
  'a client that stops reading skips diffs past %i bytes, and is exact when it reads on',
  async (backlogBytes, size) => {
    server = await startHeadcount({
      flush: { minimum: 1, framesPerSecond: 1e6 },
      limits: { backlogBytes },
    })
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
      'diffs to be skipped',
      async () => {
        for (let i = 0; i < 20; i++) {
          round += 1
          for (const topic of topics) server.headcount.track(topic, `kiosk ${round}`)
          await pause(2)
        }
        return (await metric('slow_skips_total')) > 0
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
    const states = (client: WireClient) => topics.map((topic) => client.of(topic, 'presence_state').length)
    expect(Math.max(...states(slow))).toBeGreaterThan(1)
    expect(Math.max(...states(quick))).toBe(1)
    slow.drop()
    quick.drop()
  },
  60_000,
)

test('half a frame, dripping, is no sign of life: the socket is closed with 1002', async () => {
  server = await startHeadcount({ limits: { heartbeat: 1500 } })
  const socket = await rawSocket(server.url)
  let heard = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes])
  })
  const frame = maskedFrame(opcode.text, `[null,"1","phoenix","heartbeat",{"x":"${'x'.repeat(60_000)}"}]`)
  let at = 0
  await until('the end', () => {
    if (!socket.destroyed) socket.write(frame.subarray(at, ++at))
    return heard.length >= 4
  })
  expect(at).toBeLessThan(frame.length)
  expect([heard[0], heard.readUInt16BE(2)]).toEqual([0x88, 1002])
  socket.destroy()
})

test('a reader of a stream that does not read costs one set of counts, and is told the newest', async () => {
  server = await startHeadcount({ flush: { minimum: 1 } })
  const topic = 'y'.repeat(200)
  const end = new AbortController()
  const answer = await fetch(`${server.url}/api/counts/${topic}/stream`, { signal: end.signal })
  for (let round = 1; round <= 300; round++) {
    server.headcount.track(topic, `kiosk ${round}`)
    if (round % 10 === 0) await pause(2)
  }
  let text = ''
  for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(bytes).toString()
    if (text.includes('"viewers":{"count":300}')) break
  }
  end.abort()
  await until('the stream to be over', async () => (await metric('streams')) === 0)
})

test('a client that was refused, and does not hang up, is held no longer', async () => {
  server = await startHeadcount()
  const refused = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  refused.write('GET /socket/websocket?vsn=9 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const [answer] = await once(refused, 'data')
  expect(String(answer)).toContain('HTTP/1.1 403')
  await until('no connection', async () => (await connections()) === 0)
  refused.destroy()
})

test('clients that never say goodbye do not hold up the drain', async () => {
  server = await startHeadcount()
  const silent = await Promise.all(Array.from({ length: 4 }, () => rawSocket(server.url)))
  for (const socket of silent) socket.pause()
  for (const socket of silent.slice(2)) socket.write(maskedFrame(opcode.text, 'no Phoenix frame'))
  await until('the bad ones to be sent away', async () => (await metric('sockets')) === 2)
  const begun = performance.now()
  await server.headcount.close()
  await until('no connection', async () => (await connections()) === 0)
  expect(performance.now() - begun).toBeLessThan(10_000)
  for (const socket of silent) socket.destroy()
})

/** The TCP connections that the server holds, but for those that were only kept alive. */
async function connections(): Promise<number> {
  server.server.closeIdleConnections()
  return new Promise((resolve, reject) => {
    server.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}
