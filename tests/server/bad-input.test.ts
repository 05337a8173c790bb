import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pause, type Running, random, startHeadcount, until, WireClient } from '@headcount/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** To see a fuzz again: `FUZZ_SEED=1234`. */
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))

let server: Running
let witness: WireClient
beforeEach(async () => {
  server = await startHeadcount()
  witness = await (await WireClient.open(server.url)).enter('witness')
  await witness.shows('witness', 0, 1)
})
afterEach(async () => {
  // Nobody else has noticed: the same counts, no breach, one diff, and an answer.
  expect((await witness.heartbeat()).payload.status).toBe('ok')
  expect(witness.shown('witness')).toEqual({ users: { count: 0 }, viewers: { count: 1 } })
  expect(witness.of('witness', 'presence_diff')).toHaveLength(1)
  expect(witness.faults).toEqual([])
  await until('only the witness to be left', async () => (await gauge('sockets')) === 1)
  expect(server.logged()).not.toContain('"level":"error"')
  await server.stop()
})

async function gauge(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^headcount_${name} (\\d+)$`, 'm').exec(text)?.[1])
}

/** A TCP connection upgraded by hand, to write any bytes on. */
async function raw(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  const key = Buffer.from('0123456789abcdef').toString('base64')
  socket.write(
    `GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  await once(socket, 'data')
  socket.resume()
  return socket
}

/** One masked frame of a client. */
function masked(opcode: number, payload: Buffer, fin = true): Buffer {
  const size = payload.length
  const head = size < 126 ? Buffer.from([size | 0x80]) : Buffer.from([126 | 0x80, size >> 8, size & 255])
  const mask = Buffer.from([1, 2, 3, 4])
  const body = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)))
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode]), head, mask, body])
}

test(`random bytes after the upgrade (seed ${seed})`, async () => {
  const { bytes, int } = dice(seed)
  for (let i = 0; i < 120; i++) {
    const socket = await raw()
    for (let n = int(4); n >= 0; n--) socket.write(bytes(int(300)))
    if (i % 3 === 0) socket.destroy()
    else {
      await pause(2)
      socket.end()
      socket.destroySoon()
    }
  }
})

test(`random masked frames: fragments, control frames, half frames (seed ${seed})`, async () => {
  const { bytes, int } = dice(seed + 1)
  for (let i = 0; i < 120; i++) {
    const socket = await raw()
    for (let n = int(6); n >= 0; n--) socket.write(masked(int(16), bytes(int(140)), int(3) > 0))
    const half = masked(1, Buffer.from('["1","1","witness","phx_join",{}]'))
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
  const object = fc
    .record({ topic: word, event, payload, ref, join_ref: ref })
    .map((frame) => JSON.stringify(frame))
  const frames = fc.array(
    fc.oneof({ weight: 5, arbitrary: array }, { weight: 5, arbitrary: object }, fc.json()),
    { maxLength: 12 },
  )
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

describe('a client that means harm', () => {
  test('by never reading costs a bounded amount of memory, and is cut off', async () => {
    const socket = await raw()
    socket.pause()
    const beat = masked(1, Buffer.from(`[null,"${'r'.repeat(250)}","phoenix","heartbeat",{}]`))
    const flood = Buffer.concat(Array.from({ length: 50 }, () => beat))
    let cut = false
    socket.on('close', () => {
      cut = true
    })
    await until(
      'it to be cut off',
      async () => {
        if (!socket.writableNeedDrain) socket.write(flood)
        return cut || (await gauge('sockets')) === 1
      },
      { within: 60_000 },
    )
    socket.destroy()
  }, 90_000)

  test('by a flood of frames does not delay another', async () => {
    const socket = await raw()
    const joins = Array.from({ length: 400 }, (_, i) =>
      masked(1, Buffer.from(`["${i}","${i}","flood:${i % 90}","phx_join",{}]`)),
    )
    const flood = Buffer.concat(joins)
    const until = performance.now() + 1500
    let slowest = 0
    while (performance.now() < until) {
      if (!socket.writableNeedDrain) socket.write(flood)
      const from = performance.now()
      await witness.heartbeat()
      slowest = Math.max(slowest, performance.now() - from)
      await pause(5)
    }
    socket.destroy()
    // It is read no faster than 1,000 frames a second, so a heartbeat never waits for more than those.
    expect(slowest).toBeLessThan(1000)
  })

  test('by pings without end is answered and nothing else', async () => {
    const socket = await raw()
    for (let i = 0; i < 2000; i++) socket.write(masked(9, Buffer.alloc(100)))
    await pause(50)
    socket.destroy()
  })

  test('by upgrades that never end keeps nobody out', async () => {
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

function dice(from: number): { int(below: number): number; bytes(size: number): Buffer } {
  const { below } = random(from)
  return { int: below, bytes: (size) => Buffer.from(Array.from({ length: size }, () => below(256))) }
}
