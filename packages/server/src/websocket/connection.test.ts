import { type Duplex, duplexPair } from 'node:stream'
import { type Metrics, noMetrics } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import type { TransportCallbacks } from '../sockets/transport.js'
import { clientFrame, closePayload, serverFrames } from '../test/frames.js'
import { Connection } from './connection.js'
import { TextFramer } from './text-framer.js'

const close = clientFrame(8, closePayload(1000))

/** A connection that echoes texts, and its client. */
function connect(callbacks: Partial<TransportCallbacks> = {}, head: Buffer = Buffer.alloc(0)) {
  const [client, stream]: [Duplex, Duplex] = duplexPair()
  const clock = new FakeClock()
  const events: string[] = []
  const received: Buffer[] = []
  const counted: Record<string, number> = {}
  const metrics: Metrics = {
    ...noMetrics,
    count: (name, by = 1) => {
      counted[name] = (counted[name] ?? 0) + by
    },
  }
  const connection: Connection = new Connection(stream, {
    maxMessageBytes: 1000,
    maxBacklogBytes: 100_000,
    framer: new TextFramer(),
    clock,
    metrics,
    closed: () => events.push('stream closed'),
  })
  client.on('error', () => {}).on('data', (bytes: Buffer) => received.push(bytes))
  connection.start(
    {
      message: (data) => connection.send([String(data)]),
      received: () => {},
      closed: (code) => events.push(`closed ${code}`),
      ...callbacks,
    },
    head,
  )
  const frames = async (): Promise<string[]> => {
    await new Promise((resolve) => setImmediate(resolve))
    return serverFrames(Buffer.concat(received))
  }
  return { client, stream, connection, clock, events, counted, frames }
}

test('frames that arrived with the upgrade request are read first', async () => {
  const { client, frames } = connect({}, clientFrame(1, 'one'))
  client.write(clientFrame(1, 'two'))
  expect(await frames()).toEqual(['text one', 'text two'])
})

test('several texts are sent in one write', async () => {
  const { stream, connection, frames, counted } = connect()
  let writes = 0
  const write = stream.write.bind(stream)
  stream.write = ((bytes: Buffer) => {
    writes += 1
    return write(bytes)
  }) as typeof stream.write
  connection.send(['one', 'two', 'three'])
  expect(await frames()).toEqual(['text one', 'text two', 'text three'])
  expect(writes).toBe(1)
  expect(counted).toEqual({ frames_sent: 3, bytes_sent: 17 })
})

test('texts that are sent when the client closes go out before the answering close frame', async () => {
  const { client, connection, frames, events } = connect({
    message: () => {},
    closed: () => connection.send(['the reply']),
  })
  client.write(Buffer.concat([clientFrame(1, 'a push'), close]))
  expect(await frames()).toEqual(['text the reply', 'close 1000'])
  expect(events).toEqual([])
})

test('a paused connection answers no frame until it resumes', async () => {
  const { client, connection, frames } = connect()
  connection.pause()
  client.write(clientFrame(1, 'one'))
  client.write(clientFrame(9, 'two'))
  expect(await frames()).toEqual([])
  connection.resume()
  expect(await frames()).toEqual(['text one', 'pong 74776f'])
})

test('a close from this side waits for the close frame of the client, also while paused', async () => {
  const { client, connection, frames, events } = connect()
  connection.pause()
  connection.close(1012, 'the server restarts')
  connection.send(['too late'])
  client.write(clientFrame(9, 'too late'))
  expect(await frames()).toEqual(['close 1012'])
  expect(events).toEqual([])
  client.end(close)
  expect(await frames()).toEqual(['close 1012'])
  expect(events).toEqual(['closed 1006', 'stream closed'])
})

test.each(['a close from this side', 'a close frame of the client'])(
  '%s gives the client 3 s to finish',
  async (side) => {
    const { client, connection, clock, frames, events } = connect()
    if (side === 'a close from this side') connection.close(1002, '')
    else client.write(close)
    await frames()
    await clock.advance(2999)
    expect(events).not.toContain('stream closed')
    await clock.advance(1)
    await frames()
    expect(events).toContain('stream closed')
  },
)

test('a closed connection leaves no timer behind', async () => {
  const { client, connection, clock, frames } = connect()
  connection.close(1002, '')
  expect(clock.timers).toBe(1)
  client.end(close)
  await frames()
  expect(clock.timers).toBe(0)
})

test('a client that disappears closes the connection with 1006', async () => {
  const { client, frames, events } = connect()
  client.end()
  await frames()
  expect(events).toEqual(['closed 1006', 'stream closed'])
})

test('an invalid frame closes the connection with its code, and is counted', async () => {
  const { client, frames, events, counted } = connect()
  client.write(clientFrame(3))
  expect(await frames()).toEqual(['close 1002'])
  expect(events).toEqual(['closed 1002'])
  expect(counted.bad_frames).toBe(1)
})

test.each(['texts', 'pongs'])(
  'a client that does not read %s is closed with 1008, with a bounded backlog',
  async (kind) => {
    const { client, connection, events } = connect()
    client.pause()
    let most = 0
    for (let i = 0; i < 2000; i++) {
      if (kind === 'texts') connection.send(['x'.repeat(125)])
      else client.write(clientFrame(9, 'x'.repeat(125)))
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, connection.backlog)
    }
    expect(events).toEqual(['closed 1008'])
    expect(most).toBeGreaterThan(90_000)
    expect(most).toBeLessThan(101_000)
  },
)

test('onceDrained calls back when the backlog has left', async () => {
  const { client, connection, frames } = connect()
  client.pause()
  for (let i = 0; i < 200; i++) connection.send(['x'.repeat(250)])
  let drained = false
  connection.onceDrained(() => {
    drained = true
  })
  await frames()
  expect(drained).toBe(false)
  expect(connection.backlog).toBeGreaterThan(0)
  client.resume()
  await frames()
  expect(drained).toBe(true)
  expect(connection.backlog).toBe(0)
})
