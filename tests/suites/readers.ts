import type { Counts } from '@headcount/protocol'
import { countsOf, sameCounts, until, WireClient } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { newTopic, rotate } from '../support/topics.js'

export interface ReadersOptions {
  /** Servers of one cluster, with connections in `video:*`. */
  urls(): readonly string[]
  /** Signs tokens. */
  readonly secret: string
}

/** Readers of counts that are not counted, on any number of servers. */
export function readersSuite({ urls, secret }: ReadersOptions): void {
  const cleanup = cleanups()
  const next = rotate(urls)
  const open = async (options = {}) => {
    const client = await WireClient.open(next(), options)
    cleanup(() => client.drop())
    return client
  }

  test('event streams, HTTP and observers show the same counts as sockets, and are not counted', async () => {
    const topic = newTopic('video')
    const streams = await Promise.all(urls().map((url) => readStream(`${url}/api/counts/${topic}/stream`, cleanup)))
    const observers = []
    for (const _ of urls()) observers.push(await (await open()).enter(topic, { observe: true }))
    await until('the first counts', () => streams.every((counts) => counts.length > 0))
    for (const counts of streams) expect(counts[0]).toEqual(countsOf(0, 0))
    const user = await (await open({ token: tokenFor(secret, '7') })).enter(topic)
    const viewer = await (await open()).enter(topic)
    const streamsShow = (users: number, viewers: number) =>
      until('the counts on every stream', () =>
        streams.every((counts) => sameCounts(counts.at(-1), countsOf(users, viewers))),
      )
    for (const client of [...observers, user, viewer]) await client.shows(topic, 1, 1)
    await streamsShow(1, 1)
    for (const url of urls()) {
      const one = await (await fetch(`${url}/api/counts/${topic}`)).json()
      expect(one).toEqual({ topic, counts: countsOf(1, 1) })
      const many = await (await fetch(`${url}/api/counts?topic=${topic}&topic=video:empty`)).json()
      expect(many).toEqual({ counts: { [topic]: countsOf(1, 1), 'video:empty': countsOf(0, 0) } })
    }
    await viewer.close()
    await streamsShow(1, 0)
  })

  test('the reader of a stream with count=true counts in each of its topics while the stream is open', async () => {
    const topics = [newTopic('video'), newTopic('video')]
    const watcher = await open()
    for (const topic of topics) await watcher.enter(topic, { observe: true })
    const query = `${topics.map((topic) => `topic=${topic}`).join('&')}&count=true&token=${tokenFor(secret, '7')}`
    const ends: (() => unknown)[] = []
    for (const url of urls()) await readStream(`${url}/api/counts/stream?${query}`, (end) => ends.push(end))
    cleanup(() => ends.forEach((end) => void end()))
    for (const topic of topics) await watcher.shows(topic, urls().length, 0)
    for (const end of ends) end()
    for (const topic of topics) await watcher.shows(topic, 0, 0)
  })

  test('a server without clients of a topic serves its counts', async () => {
    const topic = newTopic('video')
    const client = await WireClient.open(urls()[0]!)
    cleanup(() => client.drop())
    await client.enter(topic)
    await client.shows(topic, 0, 1)
    for (const url of urls()) {
      const one = await (await fetch(`${url}/api/counts/${topic}`)).json()
      expect(one).toEqual({ topic, counts: countsOf(0, 1) })
    }
  })

  test('a channel becomes counted, or an observer, by joining again', async () => {
    const topic = newTopic('video')
    const client = await (await open()).enter(topic, { observe: true })
    await client.shows(topic, 0, 0)
    await client.enter(topic)
    await client.shows(topic, 0, 1)
    await client.enter(topic, { observe: true })
    await client.shows(topic, 0, 0)
  })
}

/** Collects the counts of an event stream. */
async function readStream(url: string, cleanup: (end: () => unknown) => void): Promise<Counts[]> {
  const received: Counts[] = []
  const end = new AbortController()
  cleanup(() => end.abort())
  const response = await fetch(url, { signal: end.signal })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const read = async (): Promise<void> => {
    let rest = ''
    for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
      const events = (rest + Buffer.from(bytes).toString()).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data:'))
        if (data !== undefined) received.push(JSON.parse(data.slice(5)))
      }
    }
  }
  read().catch(() => {})
  return received
}
