import { expect, onTestFinished, test, vi } from 'vitest'
import { createClient } from './client.js'
import type { WebSocketLike } from './connection.js'
import { createFallback } from './fallback.js'

/** Adds the URL of each stream to a list, until the end of the test. */
function recordStreams(opened: string[]): void {
  vi.stubGlobal(
    'EventSource',
    class {
      constructor(url: string) {
        opened.push(url)
      }
      addEventListener() {}
      close() {}
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
}

/** The kind of each attempt. */
async function attempts(count: number, workedAt?: number, isReader = false): Promise<string[]> {
  const opened: string[] = []
  recordStreams(opened)
  const openWebSocket = () => {
    opened.push('WebSocket')
    return {} as WebSocketLike
  }
  const fallback = createFallback({ url: 'wss://host/socket', isReader, openWebSocket, topics: () => ['a'], wake() {} })
  for (let n = 1; n <= count; n++) {
    await fallback.load()
    const socket = fallback.open(null)
    onTestFinished(() => socket.close?.())
    if (n === workedAt) fallback.received()
  }
  return opened
}

const stream = 'https://host/api/counts/stream?topic=a'

test('every third attempt is a stream while none receives anything', async () => {
  expect(await attempts(7)).toEqual(['WebSocket', 'WebSocket', stream, 'WebSocket', 'WebSocket', stream, 'WebSocket'])
})

test('every attempt of a reader is a stream, during which no WebSocket is tried', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const opened = await attempts(3, 1, true)
  vi.advanceTimersByTime(120_000)
  expect(opened).toEqual([stream, stream, stream])
})

test('a WebSocket that has worked is tried twice again', async () => {
  expect(await attempts(5, 2)).toEqual(['WebSocket', 'WebSocket', 'WebSocket', 'WebSocket', stream])
})

test('after a stream that worked, the next attempt is a stream, until one receives nothing', async () => {
  expect(await attempts(6, 3)).toEqual(['WebSocket', 'WebSocket', stream, stream, 'WebSocket', 'WebSocket'])
})

test('after a stream during which a WebSocket worked, the next attempt is a WebSocket', async () => {
  const opened: WebSocketLike[] = []
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  recordStreams([])
  const openWebSocket = () => {
    opened.push({ close() {} } as WebSocketLike)
    return opened.at(-1)!
  }
  const fallback = createFallback({ url: 'wss://host/socket', openWebSocket, topics: () => ['a'], wake() {} })
  for (let n = 1; n <= 3; n++) {
    await fallback.load()
    fallback.open(null).onclose = () => {}
  }
  fallback.received()
  vi.advanceTimersByTime(60_000)
  opened[2]!.onmessage!({ data: '' })
  await fallback.load()
  fallback.open(null)
  expect(opened).toHaveLength(4)
})

test('without Server-Sent Events every attempt is a WebSocket', async () => {
  vi.stubGlobal('EventSource', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  const openWebSocket = vi.fn(() => ({}) as WebSocketLike)
  const fallback = createFallback({ url: 'wss://host/socket', openWebSocket, topics: () => ['a'], wake() {} })
  for (let n = 1; n <= 4; n++) {
    await fallback.load()
    fallback.open(null)
  }
  expect(openWebSocket).toHaveBeenCalledTimes(4)
})

test.each([false, true])(
  'if the code for streams cannot be loaded, it is a WebSocket (reader: %s)',
  async (isReader) => {
    vi.doMock('./stream-socket.js', () => {
      throw new Error('404')
    })
    onTestFinished(() => vi.doUnmock('./stream-socket.js'))
    expect(await attempts(4, undefined, isReader)).toEqual(new Array(4).fill('WebSocket'))
  },
)

test('a client reads a stream if two WebSockets open and receive nothing', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const opened: string[] = []
  recordStreams(opened)
  class Swallowing {
    onopen = () => {}
    constructor(url: string) {
      opened.push(url)
      setTimeout(() => this.onopen())
    }
    send() {}
    close() {}
  }
  const client = createClient({ url: 'wss://host/socket', socket: { transport: Swallowing }, random: () => 0 })
  client.topic('a').subscribe(() => {})
  await vi.advanceTimersByTimeAsync(20_100)
  await vi.dynamicImportSettled()
  await vi.advanceTimersByTimeAsync(0)
  client.close()
  const webSocket = 'wss://host/socket/websocket?vsn=2.0.0'
  expect(opened).toEqual([webSocket, webSocket, stream])
})
