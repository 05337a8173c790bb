import { systemClock, Turn } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { expect, test } from 'vitest'
import { data, OneTopic } from '../test/one-topic.js'
import { encodeOnce } from './events.js'
import { OpenStreams } from './open-streams.js'
import { CountsStream, type StreamOptions } from './stream.js'
import { StreamBody } from './stream-body.js'

/** Their callbacks run at the end of a real turn. */
const turn = new Turn(systemClock, (error) => {
  throw error
})
const encode = encodeOnce(({ counts }) => counts)

function create(sources: readonly OneTopic[], endsIn?: number, count?: StreamOptions['count']) {
  const clock = new FakeClock()
  const streams = new OpenStreams(10, clock)
  const topics = sources.map((_, i) => `video:${i}`)
  const subscribe: OneTopic['subscribe'] = (topic, subscriber) =>
    sources[topics.indexOf(topic)]!.subscribe(topic, subscriber)
  const parts = { source: { subscribe }, topics, encode, clock, turn, streams, address: null, endsIn }
  const refusals: string[] = []
  const refused = (code: string) => void refusals.push(code)
  const options: StreamOptions = { ...parts, random: () => 0.5, refused, ...(count && { count }) }
  return { clock, streams, refusals, options, stream: new CountsStream(options) }
}

/** A stream that is written to a sink, which accepts data unless `full` is set. */
function write(...sources: OneTopic[]) {
  const { clock, streams, stream } = create(sources)
  const sink = { full: false, written: [] as Uint8Array[] }
  stream.start({ write: (bytes) => sink.written.push(bytes) > 0 && !sink.full, end: () => {} })
  return { clock, streams, stream, sink, texts: () => sink.written.map(String) }
}

function open(source: OneTopic, endsIn?: number, count?: StreamOptions['count']) {
  const { clock, streams, refusals, stream: counts } = create([source], endsIn, count)
  const stream = new StreamBody(counts)
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  /** The next chunk, or undefined at the end. */
  const next = async () => {
    const { value } = await reader.read()
    return value === undefined ? undefined : decoder.decode(value)
  }
  return { clock, streams, refusals, stream, reader, next }
}

test('counts that are not known yet are sent once they are', async () => {
  const source = new OneTopic()
  const { next } = open(source)
  expect(await next()).toBe('retry: 2000\n\n')
  const counts = next()
  source.set(0, 0)
  expect(await counts).toBe(data(0, 0))
})

test('the counts are sent in full, at once with the reconnect delay and after every change', async () => {
  const source = new OneTopic(0, 1)
  const { next } = open(source)
  expect(await next()).toBe(`retry: 2000\n\n${data(0, 1)}`)
  for (const viewers of [2, 3, 2]) {
    const change = next()
    source.set(0, viewers)
    expect(await change).toBe(data(0, viewers))
  }
})

test('a slow reader is sent only the newest counts', async () => {
  const source = new OneTopic(0, 0)
  const { next } = open(source)
  await next()
  for (let viewers = 1; viewers <= 1000; viewers++) source.set(0, viewers)
  expect(await next()).toBe(data(0, 1000))
  const change = next()
  source.set(5, 1000)
  expect(await change).toBe(data(5, 1000))
})

test('counts that changed back to those sent last are not sent again', async () => {
  const source = new OneTopic(0, 1)
  const { next } = open(source)
  await next()
  source.set(0, 2)
  source.set(0, 1)
  const change = next()
  source.set(0, 1)
  source.set(0, 7)
  expect(await change).toBe(data(0, 7))
})

test('a ping is sent after every 15 s without a change', async () => {
  const source = new OneTopic(0, 1)
  const { clock, next } = open(source)
  await next()
  for (let i = 0; i < 3; i++) {
    let text: string | undefined
    const chunk = next().then((sent) => {
      text = sent
    })
    await clock.advance(14_999)
    expect(text).toBeUndefined()
    await clock.advance(1)
    await chunk
    expect(text).toBe(': keep-alive\nevent: ping\ndata\n\n')
  }
  const change = next()
  source.set(0, 2)
  expect(await change).toBe(data(0, 2))
})

test.each([true, false])('a cancelled stream unsubscribes at once (with a pending read: %s)', async (isPending) => {
  const source = new OneTopic(0, 1)
  const { clock, next, reader, streams } = open(source)
  await next()
  expect([source.subscribers.size, streams.size]).toEqual([1, 1])
  const pending = isPending ? next() : undefined
  await reader.cancel()
  expect([source.subscribers.size, streams.size]).toEqual([0, 0])
  expect(await pending).toBeUndefined()
  await clock.advance()
  expect(clock.timers).toBe(0)
})

test.each([true, false])('a stopping server ends the stream (with a pending read: %s)', async (isPending) => {
  const source = new OneTopic(0, 1)
  const { clock, next, streams } = open(source)
  await next()
  const pending = isPending ? next() : undefined
  await clock.advance()
  streams.close()
  expect([source.subscribers.size, streams.size]).toEqual([0, 0])
  expect(await (pending ?? next())).toBeUndefined()
  expect(clock.timers).toBe(0)
})

test('a stream that is never read does not subscribe', async () => {
  const source = new OneTopic(0, 1)
  const { clock, streams } = open(source)
  await clock.advance(60_000)
  expect([source.subscribers.size, streams.size]).toEqual([0, 0])
})

test('a stream that starts after the server stopped is refused', async () => {
  const source = new OneTopic(0, 1)
  const { streams, refusals, next } = open(source)
  streams.close()
  expect([await next(), await next()]).toEqual(['retry: 5000\n\n', undefined])
  expect([source.subscribers.size, refusals]).toEqual([0, ['unavailable']])
})

test('a stream is refused if its reader may no longer be counted when it starts', async () => {
  const source = new OneTopic(0, 0)
  const { streams, refusals, next } = open(source, undefined, () => 'overloaded')
  expect([await next(), await next()]).toEqual(['retry: 5000\n\n', undefined])
  expect([streams.size, source.subscribers.size, refusals]).toEqual([0, 0, ['overloaded']])
})

test('a stream that ends sends its last change before', async () => {
  const source = new OneTopic(0, 1)
  const { streams, texts } = write(source)
  source.set(0, 2)
  streams.close()
  expect(texts().at(-1)).toBe(data(0, 2))
})

test('a stream ends when the token of its reader expires, and leaves no timer', async () => {
  const source = new OneTopic(0, 1)
  const { clock, next, streams } = open(source, 20_000)
  await next()
  const ping = next()
  await clock.advance(19_999)
  expect(await ping).toBe(': keep-alive\nevent: ping\ndata\n\n')
  const end = next()
  await clock.advance(1)
  expect(await end).toBeUndefined()
  expect([source.subscribers.size, streams.size, clock.timers]).toEqual([0, 0, 0])
})

test('a token that is valid for years does not end a stream, nor set a timer', async () => {
  const { clock, next } = open(new OneTopic(0, 1), 10 * 365 * 86_400_000)
  await next()
  // That of the comments.
  expect(clock.timers).toBe(1)
})

test('all streams are sent the same bytes', async () => {
  const source = new OneTopic(0, 1)
  const [one, other] = [write(source), write(source)]
  source.set(0, 2)
  await one.clock.advance()
  expect(one.texts()).toEqual([`retry: 2000\n\n${data(0, 1)}`, data(0, 2)])
  expect(other.sink.written[1]).toBe(one.sink.written[1])
})

test('all changes of one turn of the event loop are sent in one write', async () => {
  const sources = [new OneTopic(0, 1), new OneTopic(0, 2)]
  const { clock, texts } = write(...sources)
  sources[0]!.set(0, 3)
  sources[1]!.set(0, 4)
  sources[0]!.set(0, 5)
  await clock.advance()
  expect(texts().slice(1)).toEqual([data(0, 5) + data(0, 4)])
})

test('a full sink is sent nothing until it resumes, and then the newest counts', async () => {
  const source = new OneTopic(0, 1)
  const { clock, stream, sink, texts } = write(source)
  sink.full = true
  for (let viewers = 2; viewers <= 10; viewers++) {
    source.set(0, viewers)
    await clock.advance(5_000)
  }
  expect(texts().slice(1)).toEqual([data(0, 2)])
  sink.full = false
  stream.resume()
  expect(texts().slice(2)).toEqual([data(0, 10)])
  source.set(0, 11)
  await clock.advance()
  expect(texts().slice(3)).toEqual([data(0, 11)])
})

test('a change looks up nothing in the options of a stream, which would cost as much as its write', async () => {
  const source = new OneTopic(0, 0)
  const { options } = create([source])
  let reads = 0
  const counting = new Proxy(options, { get: (given, name: keyof StreamOptions) => [given[name], reads++][0] })
  const written: string[] = []
  new CountsStream(counting).start({ write: (bytes) => written.push(String(bytes)) > 0, end: () => {} })
  reads = 0
  source.set(0, 1)
  await new Promise((resolve) => turn.afterWrites(() => resolve(undefined)))
  expect([written.at(-1), reads]).toEqual([data(0, 1), 0])
})
