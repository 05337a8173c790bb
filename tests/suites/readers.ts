import type { Counts } from '@headcount/protocol'
import { countsOf, sameCounts, tokenFor, until, WireClient } from '@headcount/testing'
import { afterEach, expect, test } from 'vitest'
import { fresh, inTurn } from './fresh.js'

export interface ReadersOptions {
  /** Servers that count as one, with connections in `video:*`. */
  urls(): readonly string[]
  /** What signs tokens. */
  readonly secret: string
}

/** What is true of whoever only reads, at whichever server. */
export function readersSuite({ urls, secret }: ReadersOptions): void {
  const undos: (() => unknown)[] = []
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) await undo()
  })
  const next = inTurn(urls)
  const open = async (options = {}) => {
    const client = await WireClient.open(next(), options)
    undos.push(() => client.drop())
    return client
  }

  test('sees over SSE, HTTP and as an observer what sockets see, and is counted as nobody', async () => {
    const topic = fresh('video')
    const streams = await Promise.all(urls().map((url) => follow(`${url}/api/counts/${topic}/stream`, undos)))
    const observers = []
    for (const _ of urls()) observers.push(await (await open()).enter(topic, { observe: true }))
    await until('the first counts', () => streams.every((seen) => seen.length > 0))
    for (const seen of streams) expect(seen[0]).toEqual(countsOf(0, 0))
    const user = await (await open({ token: tokenFor(secret, '7') })).enter(topic)
    const viewer = await (await open()).enter(topic)
    const show = (users: number, viewers: number) =>
      until('the streams to show it', () => streams.every((seen) => sameCounts(seen.at(-1), countsOf(users, viewers))))
    for (const each of [...observers, user, viewer]) await each.shows(topic, 1, 1)
    await show(1, 1)
    for (const url of urls()) {
      const one = await (await fetch(`${url}/api/counts/${topic}`)).json()
      expect(one).toEqual({ topic, counts: countsOf(1, 1) })
      const many = await (await fetch(`${url}/api/counts?topic=${topic}&topic=video:nobody`)).json()
      expect(many).toEqual({ counts: { [topic]: countsOf(1, 1), 'video:nobody': countsOf(0, 0) } })
    }
    await viewer.close()
    await show(1, 0)
  })

  test('may ask a server at which nobody is', async () => {
    const topic = fresh('video')
    const [url] = urls()
    await (await WireClient.open(url!)).enter(topic).then((client) => {
      undos.push(() => client.drop())
      return client.shows(topic, 0, 1)
    })
    for (const each of urls()) {
      const one = await (await fetch(`${each}/api/counts/${topic}`)).json()
      expect(one).toEqual({ topic, counts: countsOf(0, 1) })
    }
  })

  test('an observer may become one who counts by joining again, and back', async () => {
    const topic = fresh('video')
    const client = await (await open()).enter(topic, { observe: true })
    await client.shows(topic, 0, 0)
    await client.enter(topic)
    await client.shows(topic, 0, 1)
    await client.enter(topic, { observe: true })
    await client.shows(topic, 0, 0)
  })
}

/** Every counts that a stream has sent. */
async function follow(url: string, undos: (() => unknown)[]): Promise<Counts[]> {
  const seen: Counts[] = []
  const end = new AbortController()
  undos.push(() => end.abort())
  const answer = await fetch(url, { signal: end.signal })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const read = async (): Promise<void> => {
    let rest = ''
    for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
      const events = (rest + Buffer.from(bytes).toString()).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data:'))
        if (data !== undefined) seen.push(JSON.parse(data.slice(5)))
      }
    }
  }
  read().catch(() => {})
  return seen
}
