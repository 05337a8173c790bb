import { duplexPair } from 'node:stream'
import { type Metrics, noMetrics } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import type { TransportCallbacks } from '../sockets/transport.js'
import { clientFrame, closePayload, serverFrames } from '../test/frames.js'
import { Connection } from './connection.js'
import { TextFramer } from './text-framer.js'

const close = clientFrame(8, closePayload(1000))
const ping = (payload: string): Buffer => clientFrame(9, payload)
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A connection that echoes texts, its client, and its events. */
function connect(callbacks: Partial<TransportCallbacks> = {}, head: Buffer = Buffer.alloc(0)) {
  const [client, stream] = duplexPair()
  const clock = new FakeClock()
  const events: string[] = []
  const received: Buffer[] = []
  const counted: Record<string, number> = {}
  const count: Metrics['count'] = (name, by = 1) => {
    counted[name] = (counted[name] ?? 0) + by
  }
  const connection: Connection = new Connection(stream, {
    maxMessageBytes: 1000,
    maxBacklogBytes: 100_000,
    framer: new TextFramer(),
    clock,
    metrics: { ...noMetrics, count },
    closed: () => events.push('stream closed'),
  })
  client.on('error', () => {}).on('data', (bytes: Buffer) => received.push(bytes))
  const message = (data: Uint8Array | string): void => connection.send([String(data)])
  const closed = (code: number): void => void events.push(`closed ${code}`)
  connection.start({ message, received() {}, frame() {}, closed, ...callbacks }, head)
  /** The frames that the client has received. */
  const frames = async (): Promise<string[]> => {
    await turn()
    return serverFrames(Buffer.concat(received))
  }
  return { client, stream, connection, clock, events, counted, received, frames }
}

test('frames that arrived with the upgrade request are read first', async () => {
  const { client, frames } = connect({}, clientFrame(1, 'one'))
  client.write(clientFrame(1, 'two'))
  expect(await frames()).toEqual(['text one', 'text two'])
})

test('several texts are sent in one write', async () => {
  const { connection, frames, received, counted } = connect()
  connection.send(['one', 'two', 'three'])
  expect(await frames()).toEqual(['text one', 'text two', 'text three'])
  expect(received).toHaveLength(1)
  expect(counted).toEqual({ frames_sent: 3, bytes_sent: 17 })
})

test('texts that are sent when the client closes precede the answering close frame', async () => {
  const closed = (): void => connection.send(['the reply'])
  const { client, connection, frames } = connect({ message() {}, closed })
  client.write(Buffer.concat([clientFrame(1, 'a push'), close]))
  expect(await frames()).toEqual(['text the reply', 'close 1000'])
})

test('a paused connection answers no frame until it resumes, in order', async () => {
  const { client, connection, frames } = connect()
  connection.pause()
  client.write(clientFrame(1, 'one'))
  client.write(ping('two').subarray(0, 4))
  client.write(ping('two').subarray(4))
  expect(await frames()).toEqual([])
  connection.resume()
  expect(await frames()).toEqual(['text one', 'pong 74776f'])
})

test('a connection that is paused by a frame reads no later frame, even of the same chunk', async () => {
  const { client, connection, frames } = connect({ frame: () => connection.pause() })
  client.write(Buffer.concat([clientFrame(1, 'one'), ping(''), clientFrame(1, 'three')]))
  expect(await frames()).toEqual(['text one'])
  connection.resume()
  expect(await frames()).toEqual(['text one', 'pong '])
})

test('a close by the server waits for the close frame of the client, even while paused', async () => {
  const { client, connection, frames, events, clock } = connect()
  connection.pause()
  connection.close(1012, 'the server restarts')
  connection.send(['too late'])
  client.write(ping('too late'))
  expect(await frames()).toEqual(['close 1012'])
  expect(events).toEqual([])
  client.end(close)
  expect(await frames()).toEqual(['close 1012'])
  expect(events).toEqual(['closed 1006', 'stream closed'])
  expect(clock.timers).toBe(0)
})

test.each(['the server', 'the client'])('when %s closes, the client has 3 s to end the connection', async (side) => {
  const { client, connection, clock, events } = connect()
  if (side === 'the server') connection.close(1002, '')
  else client.write(close)
  await turn()
  await clock.advance(2999)
  expect(events).not.toContain('stream closed')
  await clock.advance(1)
  await turn()
  expect(events).toContain('stream closed')
})

test('a client that disappears closes the connection with 1006', async () => {
  const { client, events } = connect()
  client.end()
  await turn()
  expect(events).toEqual(['closed 1006', 'stream closed'])
})

test('an invalid frame closes the connection with its code, and is counted', async () => {
  const { client, frames, events, counted } = connect()
  client.write(Buffer.concat([clientFrame(3), clientFrame(1, 'too late')]))
  expect(await frames()).toEqual(['close 1002'])
  client.write(clientFrame(1, 'too late'))
  expect(await frames()).toEqual(['close 1002'])
  expect(events).toEqual(['closed 1002'])
  expect(counted.server_closes).toBe(1)
})

test.each(['texts', 'pongs'])('a client that reads no %s is closed with 1008, its backlog bounded', async (kind) => {
  const { client, connection, events, frames, received } = connect()
  client.pause()
  let most = 0
  for (let i = 0; i < 2000; i++) {
    if (kind === 'texts') connection.send(['x'.repeat(125)])
    else client.write(ping('x'.repeat(125)))
    if (i % 100 === 0) await turn()
    most = Math.max(most, connection.backlog)
  }
  expect(events).toEqual(['closed 1008'])
  expect(most).toBeGreaterThan(90_000)
  expect(most).toBeLessThan(101_000)
  client.resume()
  await frames()
  expect(Buffer.concat(received).toString()).toMatch(/the client reads too slowly$/)
})

test('onceDrained calls its callback when the backlog has drained', async () => {
  const { client, connection } = connect()
  client.pause()
  while (connection.backlog === 0) {
    connection.send(['x'.repeat(1_000)])
    await turn()
  }
  let isDrained = false
  connection.onceDrained(() => {
    isDrained = true
  })
  await turn()
  expect(isDrained).toBe(false)
  expect(connection.backlog).toBeGreaterThan(0)
  client.resume()
  await turn()
  expect(isDrained).toBe(true)
  expect(connection.backlog).toBe(0)
})

test('a connection that is closing may still be paused by a frame', async () => {
  let frames = 0
  const frame = (): void => {
    frames += 1
    if (frames === 3) connection.pause()
  }
  const { client, connection } = connect({ frame })
  connection.close(1007, 'not JSON')
  client.write(Buffer.concat(Array(20).fill(ping(''))))
  await turn()
  expect(frames).toBe(3)
})

test('what a client sends after its connection has ended is read slowly', async () => {
  const { client, stream, clock } = connect()
  client.write(clientFrame(1, 'x'.repeat(2000)))
  await turn()
  client.write('more')
  await turn()
  expect(stream.isPaused()).toBe(true)
  await clock.advance(50)
  expect(stream.isPaused()).toBe(false)
})
