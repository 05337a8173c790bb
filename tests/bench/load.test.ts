import { createServer } from 'node:net'
import { until } from '@headcount/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { Crowd } from '../../bench/load/crowd.mjs'
import { readFrames, textFrame } from '../../bench/load/frames.mjs'
import { visible } from '../../bench/measure/visible.mjs'

const counts = (viewers: number) => ({ users: { count: 0 }, viewers: { count: viewers } })

/** A server of Phoenix that tells everybody of every join but, from the third on, forgets who came first. */
async function forgetful() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  let here = 0
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const [ref, , topic] = JSON.parse(String(data))
      socket.send(JSON.stringify([ref, null, topic, 'presence_state', counts(here)]))
      here++
      const diff = { joins: counts(1), leaves: counts(0) }
      for (const [i, each] of [...server.clients].entries()) {
        if (i > 0 || here < 3) each.send(JSON.stringify([null, null, topic, 'presence_diff', diff]))
      }
    })
  })
  const { port } = server.address() as { port: number }
  return { port, close: () => server.close() }
}

describe('the load', () => {
  const undo: (() => void)[] = []
  afterEach(() => {
    for (const act of undo.splice(0)) act()
  })

  const crowdAt = (port: number, protocol: 'phoenix' | 'plain' | 'socketio') => {
    const place = { protocol, host: '127.0.0.1', port, topics: 1, prefix: 'video:' }
    const crowd = new Crowd({ ...place, part: 0, parts: 1, samples: 0 })
    undo.push(() => crowd.end())
    return crowd
  }

  it('says how many clients show what is not true, and by how much', async () => {
    const server = await forgetful()
    undo.push(server.close)
    const crowd = crowdAt(server.port, 'phoenix')
    for (let i = 0; i < 4; i++) {
      const client = crowd.open(i)
      await until('its own join', () => client.count === i + 1)
    }
    await until('all to have heard', () => crowd.wrong([4]).wrong === 1)
    expect(crowd.wrong([4])).toEqual({ wrong: 1, off: 2 })
    // A state and a diff for each of four, and a diff to those who were there: two of them left out.
    expect(crowd.tally).toMatchObject({ frames: 4 + 1 + 2 + 2 + 3, lost: 0 })
  })

  it('says who was sent away', async () => {
    const server = createServer((stream) => stream.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => server.close())
    const crowd = crowdAt((server.address() as { port: number }).port, 'plain')
    crowd.open(0)
    await until('its end', () => crowd.tally.lost === 1)
    expect(crowd.present()).toEqual([0])
    // Who is not there is not wrong.
    expect(crowd.wrong([1])).toEqual({ wrong: 0, off: 0 })
  })
})

describe('frames of a server', () => {
  it('are read whole, wherever the reads part them', () => {
    const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(70_000)]
    const stream = Buffer.concat(texts.map(serverFrame))
    for (const size of [1, 2, 3, 7, 130, stream.length]) {
      const got: string[] = []
      let bytes = 0
      let rest: Buffer = Buffer.alloc(0)
      for (let at = 0; at < stream.length; at += size) {
        rest = readFrames(Buffer.concat([rest, stream.subarray(at, at + size)]), (opcode, all, start, end, of) => {
          expect(opcode).toBe(1)
          got.push(all.toString('latin1', start, end))
          bytes += of
        })
        // One byte at a time over the longest would copy it for each of them.
        if (size < 130 && got.length === 4) break
      }
      expect(got).toEqual(texts.slice(0, got.length))
      expect(got.length).toBeGreaterThanOrEqual(4)
      if (size >= 130) expect(bytes).toBe(stream.length)
    }
  })

  it('of a client are masked, as servers demand', () => {
    expect([...textFrame('hi')]).toEqual([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
  })
})

describe('the wait until a join is visible', () => {
  it('is from its first packet to the first count that holds it, for every client that was told', () => {
    const asked = [0, 10, 20, 30]
    // The first is told of the second at 50 and of the others at 70; the third starts with three and hears of the fourth.
    const traces = [
      [5, 1, 50, 2, 70, 4],
      [60, 3, 90, 4],
    ]
    // Waits: 40, 50, 40 and 60.
    expect(visible({ asked, traces }).p50).toBe(45)
  })

  it('has no end where a client is never shown it', () => {
    const { p50, p95 } = visible({ asked: [0, 10, 20, 30], traces: [[5, 1, 40, 3]] })
    expect(p50).toBe(30)
    expect(p95).toBe(Number.POSITIVE_INFINITY)
  })
})

function serverFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const { length } = payload
  const header =
    length < 126
      ? Buffer.from([0x81, length])
      : length < 65_536
        ? Buffer.from([0x81, 126, length >> 8, length & 255])
        : Buffer.concat([
            Buffer.from([0x81, 127, 0, 0, 0, 0]),
            Buffer.from([0, length >> 16, (length >> 8) & 255, length & 255]),
          ])
  return Buffer.concat([header, payload])
}
