import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { WebSocketLike } from './connection.js'
import { openStreams } from './stream-socket.js'

/** The streams that were opened, in order. */
let streams: Stream[] = []
class Stream {
  isClosed = false
  onopen = () => {}
  onmessage = (_event: { data: string }) => {}
  onerror = () => {}
  ping = (_event: { data: string }) => {}
  constructor(readonly url: string) {
    streams.push(this)
  }
  addEventListener(_ping: string, listener: (event: { data: string }) => void) {
    this.ping = listener
  }
  close() {
    this.isClosed = true
  }
  send(event: object) {
    this.onmessage({ data: JSON.stringify(event) })
  }
}

beforeEach(() => {
  streams = []
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Stream)
  onTestFinished(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
})

interface Start {
  readonly url: string
  readonly topics: readonly string[]
  /** Called before each attempt to open a WebSocket. */
  construct(): void
}

/** An open socket over streams, and its received messages. */
function start(
  token: string | null = null,
  { construct = () => {}, url = 'wss://host/socket', topics = ['a'] }: Partial<Start> = {},
) {
  const received: unknown[] = []
  const tried: WebSocketLike[] = []
  const closed = vi.fn()
  const wake = vi.fn()
  const openWebSocket = () => {
    construct()
    const socket = { close: vi.fn(), send: vi.fn() } as unknown as WebSocketLike
    tried.push(socket)
    return socket
  }
  const socket = openStreams(url, token, topics, wake, openWebSocket)
  socket.onmessage = ({ data }) => received.push(JSON.parse(data as string))
  socket.onclose = closed
  const opened = vi.fn()
  socket.onopen = opened
  streams[0]!.onopen()
  return {
    ...{ socket, received, tried, closed, opened, wake },
    send(...frame: unknown[]) {
      socket.send(JSON.stringify(frame))
      vi.advanceTimersByTime(100)
    },
  }
}
const stream = () => streams.at(-1)!
const topicsOf = ({ url }: Stream) => new URL(url).searchParams.getAll('topic')
const counts = { users: { count: 0 }, viewers: { count: 3 } }

test.each([
  ['https://host:8443/socket', 'https://host:8443/api/counts/stream'],
  ['wss://other/prefix/socket/?tenant=a/b', 'https://other/prefix/api/counts/stream'],
  ['ws://host:4000', 'http://host:4000/api/counts/stream'],
  ['ws://host:4000/', 'http://host:4000/api/counts/stream'],
  ['https://host//socket//?a=b', 'https://host//api/counts/stream'],
])('the counts beside %s are streamed from %s', (url, address) => {
  start(null, { url })
  expect(stream().url).toBe(`${address}?topic=a`)
})

test('opens once its topics can be read, without counting in them', () => {
  const { opened } = start('a token')
  expect(stream().url).toBe('https://host/api/counts/stream?topic=a&token=a+token')
  expect(opened).toHaveBeenCalledOnce()
})

test('a join counts, and is answered by counts, or by the reason of a refusal', () => {
  const { send, received } = start()
  send('1', '1', 'a', 'phx_join', {})
  send('2', '2', 'b', 'phx_join', {})
  expect([topicsOf(stream()), stream().url.includes('count=true')]).toEqual([['a', 'b'], true])
  expect(received).toEqual([])
  stream().send({ topic: 'a', counts })
  stream().send({ topic: 'a', counts })
  stream().send({ topic: 'b', error: { code: 'unmatched_topic', message: '' } })
  expect(received).toEqual([
    ['1', null, 'a', 'presence_state', counts],
    ['1', null, 'a', 'presence_state', counts],
    [null, '2', 'b', 'phx_reply', { status: 'error', response: { reason: 'unmatched topic' } }],
  ])
})

test('simultaneous joins share one stream, which opens after the previous one has closed', () => {
  const { socket, send } = start()
  expect(streams[0]!.isClosed).toBe(true)
  socket.send('["1","1","a","phx_join",{}]')
  send('2', '2', 'b', 'phx_join', {})
  const first = stream()
  expect(streams).toHaveLength(2)
  socket.send('["3","3","c","phx_join",{}]')
  socket.send('["2","4","b","phx_leave",{}]')
  expect([first.isClosed, streams.length]).toEqual([true, 2])
  vi.advanceTimersByTime(100)
  expect(streams).toHaveLength(3)
  expect([stream().isClosed, topicsOf(stream())]).toEqual([false, ['a', 'c']])
})

test('constantly changing topics are read ten times a second', () => {
  const { socket } = start()
  for (let n = 0; n < 100; n++) {
    socket.send(`["${n}","${n}","topic ${n}","phx_join",{}]`)
    vi.advanceTimersByTime(10)
  }
  expect(streams).toHaveLength(1 + 10)
  expect(streams.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(1)
})

test('reads as many topics as a socket may join: a further one may join when another has left', () => {
  const topics = Array.from({ length: 150 }, (_, n) => `${n}`)
  const { socket, send } = start(null, { topics })
  expect(topicsOf(streams[0]!)).toHaveLength(100)
  for (const topic of topics) socket.send(`["${topic}","${topic}","${topic}","phx_join",{}]`)
  vi.advanceTimersByTime(100)
  expect(topicsOf(stream())).toEqual(topics.slice(0, 100))
  const opened = streams.length
  send('200', '200', '149', 'phx_join', {})
  expect(streams).toHaveLength(opened)
  send('0', '201', '0', 'phx_leave', {})
  send('202', '202', '149', 'phx_join', {})
  expect(topicsOf(stream())).toEqual([...topics.slice(1, 100), '149'])
})

test('reads no more topics than the URL of a stream may have, and a further one when another has left', () => {
  const topics = Array.from({ length: 100 }, (_, n) => `article:https://example.com/${n}`.padEnd(150, '/'))
  const { socket, send } = start('a token', { topics })
  const count = topicsOf(streams[0]!).length
  expect(count).toBeGreaterThan(15)
  for (const topic of topics) socket.send(JSON.stringify([topic, topic, topic, 'phx_join', {}]))
  vi.advanceTimersByTime(100)
  expect(topicsOf(stream())).toEqual(topics.slice(0, count))
  for (const { url } of streams) expect(url.length).toBeLessThan(7_100)
  send(topics[0], '200', topics[0], 'phx_leave', {})
  send('201', '201', topics[99], 'phx_join', {})
  expect(topicsOf(stream())).toEqual([...topics.slice(1, count), topics[99]])
})

test('a change of observed topics does not affect the counted ones', () => {
  const { send } = start()
  send('1', '1', 'a', 'phx_join', {})
  const counted = stream()
  send('2', '2', 'b', 'phx_join', { observe: true })
  send('3', '3', 'c', 'phx_join', { observe: true })
  send('2', '4', 'b', 'phx_leave', {})
  expect(counted.isClosed).toBe(false)
  expect(streams.filter(({ isClosed }) => !isClosed).map(topicsOf)).toEqual([['a'], ['c']])
})

test('a repeated join is answered again', () => {
  const { send, received } = start()
  send('1', '1', 'a', 'phx_join', {})
  send('2', '2', 'a', 'phx_join', {})
  expect(streams.filter(({ isClosed }) => !isClosed)).toHaveLength(1)
  stream().send({ topic: 'a', counts })
  expect(received).toEqual([['2', null, 'a', 'presence_state', counts]])
})

test('an observed topic is read without counting', () => {
  const { socket, send } = start()
  send('1', '1', 'a', 'phx_join', {})
  const counted = stream()
  socket.send('["1","2","a","observe",{"observe":true}]')
  expect(counted.isClosed).toBe(true)
  vi.advanceTimersByTime(100)
  expect([stream().url.includes('count=true'), stream().isClosed]).toEqual([false, false])
  send('1', '3', 'a', 'phx_leave', {})
  expect(streams.every(({ isClosed }) => isClosed)).toBe(true)
})

test.each([
  ...['not json', 'null', '7', '"a"', '[]', '{"topic":null}', '{"topic":"b","counts":{}}'],
  ...['{"topic":"a","error":{}}', '{"topic":"a","error":true}'],
])('the event %s neither throws an error nor ends the stream', (data) => {
  const { send, socket, closed } = start()
  send('1', '1', 'a', 'phx_join', {})
  socket.onmessage = () => {}
  for (const receive of [stream().onmessage, stream().ping]) expect(() => receive({ data })).not.toThrow()
  expect([stream().isClosed, closed.mock.calls]).toEqual([false, []])
})

test('heartbeats are answered as long as a stream sends something', () => {
  const { send, received } = start()
  const answers = (): number => {
    received.length = 0
    send(null, '1', 'phoenix', 'heartbeat', {})
    return received.length
  }
  expect(answers()).toBe(0)
  send('2', '2', 'a', 'phx_join', {})
  stream().send({ topic: 'a', counts })
  expect(answers()).toBe(1)
  for (let n = 0; n < 10; n++) {
    vi.advanceTimersByTime(15_000)
    stream().ping({ data: '' })
    expect(answers()).toBe(1)
  }
  vi.advanceTimersByTime(39_000)
  expect(answers()).toBe(1)
  vi.advanceTimersByTime(1_000)
  expect(answers()).toBe(0)
})

test('a stream that sends nothing is lost, too, if the clock was set back', () => {
  const { send, received } = start()
  send('2', '2', 'a', 'phx_join', {})
  stream().send({ topic: 'a', counts })
  received.length = 0
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(40_000)
  send(null, '1', 'phoenix', 'heartbeat', {})
  expect(received).toEqual([])
})

test('a token needs a new socket', () => {
  const { send, received, closed } = start()
  send(null, '2', 'phoenix', 'token', { token: null })
  expect([received.length, closed.mock.calls.length]).toEqual([0, 1])
})

test('closes when a stream fails', () => {
  const { closed } = start()
  stream().onerror()
  expect(closed).toHaveBeenCalledOnce()
  expect([stream().isClosed, vi.getTimerCount()]).toEqual([true, 0])
})

test('tries a WebSocket every minute, and closes when one receives something', () => {
  const { tried, closed, wake } = start()
  vi.advanceTimersByTime(120_000)
  expect(tried).toHaveLength(2)
  expect(closed).not.toHaveBeenCalled()
  tried[1]!.onopen!()
  expect(tried[1]!.send).toHaveBeenCalledExactlyOnceWith('[null,"0","phoenix","heartbeat",{}]')
  expect(closed).not.toHaveBeenCalled()
  tried[1]!.onmessage!({ data: '' })
  expect(closed).toHaveBeenCalledOnce()
  expect(tried[1]!.close).toHaveBeenCalledOnce()
  expect(wake).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(120_000)
  expect(tried).toHaveLength(2)
})

test('closes a WebSocket that receives nothing, before the next attempt and with the last stream', () => {
  const { socket, tried } = start()
  vi.advanceTimersByTime(120_000)
  expect(tried.map(({ close }) => vi.mocked(close).mock.calls.length)).toEqual([1, 0])
  socket.close()
  expect(tried.map(({ close }) => vi.mocked(close).mock.calls.length)).toEqual([1, 1])
  expect(vi.getTimerCount()).toBe(0)
})

test('continues if the constructor of a WebSocket throws', () => {
  const { tried, closed } = start(null, {
    construct: () => {
      throw new Error('insecure')
    },
  })
  vi.advanceTimersByTime(120_000)
  expect([tried.length, closed.mock.calls.length]).toEqual([0, 0])
})
