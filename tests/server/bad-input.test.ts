import { randomInt } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import {
  maskedFrame,
  opcode,
  pause,
  type Running,
  random,
  rawSocket,
  startHeadcount,
  until,
  WireClient,
} from '@headcount/testing'
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

test(`random bytes after the upgrade (seed ${seed})`, async () => {
  const { bytes, int } = dice(seed)
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

test(`random masked frames: fragments, control frames, half frames (seed ${seed})`, async () => {
  const { bytes, int } = dice(seed + 1)
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

describe('a client that means harm', () => {
  test('by never reading costs a bounded amount of memory, and is cut off', async () => {
    const streams: Socket[] = []
    server.server.once('connection', (stream: Socket) => streams.push(stream))
    const socket = await rawSocket(server.url)
    socket.pause()
    // The answer repeats the topic.
    const ask = maskedFrame(opcode.text, `["1","1","${'x'.repeat(60_000)}","phx_join",{}]`)
    let most = 0
    await until('it to be cut off', async () => {
      if (!socket.writableNeedDrain) socket.write(ask)
      most = Math.max(most, streams[0]!.writableLength)
      return (await gauge('sockets')) === 1
    })
    const backlogBytes = 65_536
    expect(most).toBeGreaterThan(backlogBytes)
    expect(most).toBeLessThan(backlogBytes * 16 + 2 ** 20)
    socket.destroy()
  })

  test('by a flood of frames does not delay another', async () => {
    const socket = await rawSocket(server.url)
    const joins = Array.from({ length: 400 }, (_, i) =>
      maskedFrame(opcode.text, `["${i}","${i}","flood:${i % 90}","phx_join",{}]`),
    )
    const flood = Buffer.concat(joins)
    let answered = 0
    socket.on('data', (bytes) => {
      answered += String(bytes).split('"phx_reply"').length - 1
    })
    let most = 0
    for (let beat = 0; beat < 200; beat++) {
      while (!socket.writableNeedDrain) socket.write(flood)
      const before = answered
      await witness.heartbeat()
      most = Math.max(most, answered - before)
    }
    expect(answered).toBeGreaterThan(1000)
    socket.destroy()
    // It is read no faster than 1,000 frames a second, and a heartbeat waits over one second's end at most.
    expect(most).toBeLessThan(2500)
  })

  test('by pings is answered as long as it reads the answers, and cut off where it does not', async () => {
    // As fast as it can: 1,000 pings a second would take a minute to fill what the kernel holds.
    const fast = await startHeadcount({ limits: { messagesPerSecond: 1_000_000 } })
    const socket = await rawSocket(fast.url)
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
    })
    socket.write(maskedFrame(opcode.ping, 'are you there'))
    await until('a pong', () => heard.includes('are you there'))
    socket.pause()
    const flood = Buffer.concat(Array.from({ length: 500 }, () => maskedFrame(opcode.ping, 'x'.repeat(125))))
    await until('it to be cut off', () => {
      if (!socket.writableNeedDrain) socket.write(flood)
      return socket.destroyed
    })
    await fast.stop()
  })

  test('by a message in endless pieces is closed with 1008 or 1009', async () => {
    const socket = await rawSocket(server.url)
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
    })
    socket.write(maskedFrame(opcode.text, '[', false))
    const piece = maskedFrame(opcode.continuation, ' ', false)
    const pieces = Buffer.concat(Array.from({ length: 1000 }, () => piece))
    await until('the end', () => {
      if (!socket.writableNeedDrain && !socket.destroyed) socket.write(pieces)
      return heard.length >= 4
    })
    expect(heard[0]).toBe(0x88)
    expect([1008, 1009]).toContain(heard.readUInt16BE(2))
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
