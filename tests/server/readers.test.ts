import { once } from 'node:events'
import { countsOf, until, WireClient } from '@headcount/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readersSuite } from '../suites/readers.js'
import { cleanups } from '../support/cleanup.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'

const secret = 'the secret of readers, long enough to sign with'
const cleanup = cleanups()

async function start(options = {}): Promise<Running> {
  const server = await startHeadcount({ auth: { secret }, ...options })
  cleanup(() => server.stop())
  return server
}

describe('a reader', () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret } })
  })
  afterAll(() => server.stop())
  readersSuite({ urls: () => [server.url], secret })

  test('of an event stream receives its end when the server stops, and 30 streams cause no warning', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => void warnings.push(warning)
    process.on('warning', onWarning)
    cleanup(() => process.off('warning', onWarning))
    const server = await startHeadcount()
    const streams = await Promise.all(
      Array.from({ length: 30 }, (_, i) => fetch(`${server.url}/api/counts/video:${i}/stream`)),
    )
    await server.stop()
    for (const stream of streams) expect(await stream.text()).toContain('data: ')
    expect(warnings).toEqual([])
  })
})

describe('a manual presence', () => {
  test('counts once per key, in the last group', async () => {
    const { url, headcount } = await start()
    const watcher = await (await WireClient.open(url)).enter('lobby', { observe: true })
    const received: unknown[] = []
    cleanup(headcount.on('counts', (topic, counts) => received.push([topic, counts])))
    headcount.track('lobby', 'kiosk')
    headcount.track('lobby', 'kiosk')
    headcount.track('lobby', 'desk', { group: 'users' })
    await watcher.shows('lobby', 1, 1)
    headcount.track('lobby', 'kiosk', { group: 'users' })
    await watcher.shows('lobby', 2, 0)
    expect(await headcount.counts('lobby')).toEqual(countsOf(2, 0))
    headcount.untrack('lobby', 'kiosk')
    headcount.untrack('lobby', 'kiosk')
    headcount.untrack('lobby', 'unknown')
    await watcher.shows('lobby', 1, 0)
    expect(received.at(-1)).toEqual(['lobby', countsOf(1, 0)])
    expect(await headcount.counts('elsewhere')).toEqual(countsOf(0, 0))
  })

  test('is included in the next read of a topic without subscribers', async () => {
    const { headcount } = await start()
    headcount.track('lobby', 'kiosk')
    expect(await headcount.counts('lobby')).toEqual(countsOf(0, 1))
    headcount.untrack('lobby', 'kiosk')
    expect(await headcount.counts('lobby')).toEqual(countsOf(0, 0))
  })

  test('may be in a configured group', async () => {
    const { url, headcount } = await start({ groups: ['members', 'guests', 'bots'] })
    headcount.track('lobby', 'crawler', { group: 'bots' })
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`)
    const frames: string[] = []
    socket.on('message', (data) => frames.push(String(data)))
    await once(socket, 'open')
    socket.send('["1","1","lobby","phx_join",{}]')
    const counts = '"counts":{"members":{"count":0},"guests":{"count":1},"bots":{"count":1}}'
    await until('the counts with the join', () => frames.some((frame) => frame.includes(counts)))
    socket.terminate()
  })
})
