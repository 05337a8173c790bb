import type { Totals } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import type { CountsSource } from './source.js'
import { countsStream } from './stream.js'

/** One topic whose totals the test sets. */
class OneTopic implements CountsSource {
  readonly #listeners = new Set<(totals: Totals) => void>()
  constructor(public totals?: Totals) {}
  get followers() {
    return this.#listeners.size
  }
  set(...totals: number[]) {
    this.totals = totals
    for (const listener of this.#listeners) listener(totals)
  }
  allows = () => true
  read = async (topics: readonly string[]) => topics.map(() => this.totals ?? [0, 0])
  trouble = () => undefined
  follow(_: string, listener: (totals: Totals) => void) {
    this.#listeners.add(listener)
    if (this.totals !== undefined) listener(this.totals)
    return () => void this.#listeners.delete(listener)
  }
}

function open(source: OneTopic) {
  const clock = new FakeClock()
  const stop = new AbortController()
  const readers = { open: 0 }
  const stream = countsStream({
    source,
    topic: 'video:42',
    groups: ['users', 'viewers'],
    clock,
    signal: stop.signal,
    opened: () => {
      readers.open++
      return () => void readers.open--
    },
  })
  const reader = stream.getReader()
  const utf8 = new TextDecoder()
  /** The next chunk, or undefined at the end. */
  const next = async () => {
    const { value } = await reader.read()
    return value === undefined ? undefined : utf8.decode(value)
  }
  return { clock, stop, readers, stream, reader, next }
}

const data = (users: number, viewers: number) => `data: {"users":{"count":${users}},"viewers":{"count":${viewers}}}\n\n`

test('says the counts as they stand at once, with when to come back after a break', async () => {
  const { next } = open(new OneTopic([1, 2]))
  expect(await next()).toBe(`retry: 2000\n\n${data(1, 2)}`)
})

test('says the counts once they are known, where they are not yet', async () => {
  const source = new OneTopic()
  const { next } = open(source)
  expect(await next()).toBe('retry: 2000\n\n')
  const counts = next()
  source.set(0, 0)
  expect(await counts).toBe(data(0, 0))
})

test('says the whole counts again on every change', async () => {
  const source = new OneTopic([0, 1])
  const { next } = open(source)
  await next()
  for (const viewers of [2, 3, 2]) {
    const change = next()
    source.set(0, viewers)
    expect(await change).toBe(data(0, viewers))
  }
})

test('a slow reader is told the newest and nothing between', async () => {
  const source = new OneTopic([0, 0])
  const { next } = open(source)
  await next()
  for (let viewers = 1; viewers <= 1000; viewers++) source.set(0, viewers)
  expect(await next()).toBe(data(0, 1000))
  const after = next()
  source.set(5, 1000)
  expect(await after).toBe(data(5, 1000))
})

test('counts that came back to what the reader knows are not said again', async () => {
  const source = new OneTopic([0, 1])
  const { next } = open(source)
  await next()
  source.set(0, 2)
  source.set(0, 1)
  const change = next()
  source.set(0, 1)
  source.set(0, 7)
  expect(await change).toBe(data(0, 7))
})

test('a comment keeps the connection open after each 15 s of silence', async () => {
  const source = new OneTopic([0, 1])
  const { clock, next } = open(source)
  await next()
  for (let i = 0; i < 3; i++) {
    let said: string | undefined
    const silence = next().then((text) => {
      said = text
    })
    await clock.advance(14_999)
    expect(said).toBeUndefined()
    await clock.advance(1)
    await silence
    expect(said).toBe(': keep-alive\n\n')
  }
  const change = next()
  source.set(0, 2)
  expect(await change).toBe(data(0, 2))
})

test('a reader that goes away is unfollowed at once, whether it waits or not', async () => {
  for (const waits of [true, false]) {
    const source = new OneTopic([0, 1])
    const { clock, next, reader, readers } = open(source)
    await next()
    expect(source.followers).toBe(1)
    expect(readers.open).toBe(1)
    const waiting = waits ? next() : undefined
    await reader.cancel()
    expect(source.followers).toBe(0)
    expect(readers.open).toBe(0)
    expect(await waiting).toBeUndefined()
    await clock.advance()
    expect(clock.timers).toBe(0)
  }
})

test('the end of the server ends the stream, whether the reader waits or not', async () => {
  for (const waits of [true, false]) {
    const source = new OneTopic([0, 1])
    const { clock, stop, next, readers } = open(source)
    await next()
    const waiting = waits ? next() : undefined
    await clock.advance()
    stop.abort()
    expect(source.followers).toBe(0)
    expect(readers.open).toBe(0)
    expect(await (waiting ?? next())).toBeUndefined()
    expect(clock.timers).toBe(0)
  }
})

test('a stream that nobody reads follows nothing', async () => {
  const source = new OneTopic([0, 1])
  const { clock, readers, stream } = open(source)
  await clock.advance(60_000)
  expect(stream.locked).toBe(true)
  expect(source.followers).toBe(0)
  expect(readers.open).toBe(0)
})

test('a stream that begins after the end of the server is over at once', async () => {
  const source = new OneTopic([0, 1])
  const { stop, next } = open(source)
  stop.abort()
  expect(await next()).toBeUndefined()
  expect(source.followers).toBe(0)
})
