import { randomInt } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { maskedFrame, opcode, pause, random, rawSocket, until, WireClient } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Running, startHeadcount } from '../support/start-headcount.js'

/** `FUZZ_SEED=1234` repeats a run. */
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))

let server: Running
let witness: WireClient
beforeEach(async () => {
  server = await startHeadcount()
  witness = await (await WireClient.open(server.url)).enter('witness')
  await witness.shows('witness', 0, 1)
})
afterEach(async () => {
  // Other clients are not affected: the same counts, one diff, no fault, and a reply.
  expect((await witness.heartbeat()).payload.status).toBe('ok')
  expect(witness.shown('witness')).toEqual({ users: { count: 0 }, viewers: { count: 1 } })
  expect(witness.diffs('witness')).toBe(1)
  expect(witness.faults).toEqual([])
  await until('one socket', async () => (await sockets()) === 1)
  expect(server.logged()).not.toContain('"level":"error"')
  await server.stop()
})

const sockets = () => metric(server.url, 'headcount_sockets')

test(`random bytes after the upgrade (seed ${seed})`, async () => {
  const { bytes, int } = bytesFrom(seed)
  for (let i = 0; i < 120; i++) {
    const socket = await rawSocket(server.url)
    for (let n = int(4); n >= 0; n--) socket.write(bytes(int(300)))
    if (i % 3 === 0) socket.destroy()
    else {
      await pause(2)
      socket.end()
      socket.destroySoon()
    }
  }
})

test(`random masked frames: fragments, control frames, incomplete frames (seed ${seed})`, async () => {
  const { bytes, int } = bytesFrom(seed + 1)
  for (let i = 0; i < 120; i++) {
    const socket = await rawSocket(server.url)
    for (let n = int(6); n >= 0; n--) socket.write(maskedFrame(int(16), bytes(int(140)), int(3) > 0))
    const half = maskedFrame(opcode.text, '["1","1","witness","phx_join",{}]')
    socket.write(half.subarray(0, int(half.length)))
    await pause(1)
    socket.destroy()
  }
})

test(`random well-formed JSON, in both versions (seed ${seed})`, async () => {
  const word = fc.oneof(fc.constantFrom('fuzz:1', 'fuzz:2', 'phoenix', '', 'x'.repeat(300)), fc.string())
  const event = fc.oneof(
    fc.constantFrom('phx_join', 'phx_leave', 'heartbeat', 'phx_close', 'presence_diff'),
    fc.string(),
  )
  const ref = fc.oneof(fc.constantFrom(null, '1', '2', 3), fc.string(), fc.double(), fc.jsonValue())
  const payload = fc.oneof(fc.constantFrom({}, { observe: true }, { observe: 'no' }), fc.jsonValue())
  const array = fc.tuple(ref, ref, word, event, payload).map((frame) => JSON.stringify(frame))
  const object = fc.record({ topic: word, event, payload, ref, join_ref: ref }).map((frame) => JSON.stringify(frame))
  const frames = fc.array(fc.oneof({ weight: 5, arbitrary: array }, { weight: 5, arbitrary: object }, fc.json()), {
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom<1 | 2>(1, 2), frames, async (vsn, texts) => {
      const client = await WireClient.open(server.url, { vsn })
      client.socket.on('message', () => {})
      for (const text of texts) if (client.socket.readyState === client.socket.OPEN) client.sendText(text)
      await Promise.race([client.close(), pause(1000)])
      client.drop()
    }),
    { seed, numRuns: 300 },
  )
  expect(await server.headcount.counts('fuzz:1')).toEqual({ users: { count: 0 }, viewers: { count: 0 } })
}, 60_000)

describe('a hostile client', () => {
  test('that sends few large frames is rate-limited like one that sends many small ones', async () => {
    const limited = await startHeadcount({ limits: { bytesPerSecond: 32_768 } })
    const socket = await rawSocket(limited.url)
    let replies = 0
    socket.on('data', (bytes) => {
      replies += String(bytes).split('"phx_reply"').length - 1
    })
    const large = maskedFrame(opcode.text, JSON.stringify([null, '1', 'a', 'push', 'x'.repeat(8_000)]))
    const start = performance.now()
    socket.write(Buffer.concat(Array.from({ length: 30 }, () => large)))
    await until('all replies', () => replies === 30)
    expect(performance.now() - start).toBeGreaterThan(1_500)
    socket.destroy()
    await limited.stop()
  })

  test('that never reads costs a bounded amount of memory, because the server stops reading it', async () => {
    const limits = { messagesPerSecond: 1e6, joinsPerSecond: 1e6, bytesPerSecond: 1e9, backlogBytes: 65_536 }
    const eager = await startHeadcount({ limits })
    const streams: Socket[] = []
    eager.server.once('connection', (stream: Socket) => streams.push(stream))
    const socket = await rawSocket(eager.url)
    socket.pause()
    const heartbeat = maskedFrame(opcode.text, `[null,"${'1'.repeat(80)}","phoenix","heartbeat",{}]`)
    const heartbeats = Buffer.concat(Array.from({ length: 100 }, () => heartbeat))
    let most = 0
    await until('the server to read no further', async () => {
      for (let i = 0; i < 4 && !socket.writableNeedDrain; i++) socket.write(heartbeats)
      await pause(20)
      most = Math.max(most, streams[0]!.writableLength)
      return most > limits.backlogBytes && socket.writableNeedDrain
    })
    for (let i = 0; i < 20; i++) {
      await pause(20)
      most = Math.max(most, streams[0]!.writableLength)
    }
    expect(most).toBeLessThan(4 * limits.backlogBytes)
    expect(socket.writableNeedDrain).toBe(true)
    socket.destroy()
    await eager.stop()
  })

  test('that floods the server with frames does not delay another client', async () => {
    const fast = await startHeadcount({
      limits: { messagesPerSecond: 1000, joinsPerSecond: 1000, bytesPerSecond: 1e6 },
    })
    const other = await (await WireClient.open(fast.url)).enter('witness')
    const socket = await rawSocket(fast.url)
    const joins = Array.from({ length: 400 }, (_, i) =>
      maskedFrame(opcode.text, `["${i}","${i}","flood:${i % 90}","phx_join",{}]`),
    )
    const flood = Buffer.concat(joins)
    let replies = 0
    socket.on('data', (bytes) => {
      replies += String(bytes).split('"phx_reply"').length - 1
    })
    let most = 0
    for (let i = 0; i < 200; i++) {
      while (!socket.writableNeedDrain) socket.write(flood)
      const before = replies
      await other.heartbeat()
      most = Math.max(most, replies - before)
    }
    expect(replies).toBeGreaterThan(1000)
    socket.destroy()
    // The server reads at most 1,000 of its frames per second, so a heartbeat waits at most one second.
    expect(most).toBeLessThan(2500)
    await fast.stop()
  })

  test('that sends pings is disconnected when it does not read the pongs', async () => {
    // Without the limit, because 1,000 pings per second take a minute to fill the kernel's buffers.
    const fast = await startHeadcount({ limits: { messagesPerSecond: 1e6, bytesPerSecond: 1e9 } })
    const socket = await rawSocket(fast.url)
    let received = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
    })
    socket.write(maskedFrame(opcode.ping, 'are you there'))
    await until('a pong', () => received.includes('are you there'))
    socket.pause()
    const flood = Buffer.concat(Array.from({ length: 500 }, () => maskedFrame(opcode.ping, 'x'.repeat(125))))
    await until('the disconnect', () => {
      if (!socket.writableNeedDrain) socket.write(flood)
      return socket.destroyed
    })
    await fast.stop()
  })

  test('that sends an endless fragmented message is closed with 1008 or 1009', async () => {
    const socket = await rawSocket(server.url)
    let received = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
    })
    socket.write(maskedFrame(opcode.text, '[', false))
    const piece = maskedFrame(opcode.continuation, ' ', false)
    const pieces = Buffer.concat(Array.from({ length: 1000 }, () => piece))
    await until('the close frame', () => {
      if (!socket.writableNeedDrain && !socket.destroyed) socket.write(pieces)
      return received.length >= 4
    })
    expect(received[0]).toBe(0x88)
    expect([1008, 1009]).toContain(received.readUInt16BE(2))
    socket.destroy()
  })

  test('that never completes its upgrade requests does not block other clients', async () => {
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write('GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: x\r\n'),
      )
      socket.on('error', () => {})
      return socket
    })
    const client = await (await WireClient.open(server.url)).enter('other')
    await client.shows('other', 0, 1)
    await client.close()
    for (const socket of slow) socket.destroy()
  })
})

function bytesFrom(from: number): { int(below: number): number; bytes(size: number): Buffer } {
  const { below } = random(from)
  return { int: below, bytes: (size) => Buffer.from(Array.from({ length: size }, () => below(256))) }
}
