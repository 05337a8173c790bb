import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { tokenOf } from '@headcount/tools/live/live-server.mjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connect, open } from '../test/clients.js'
import { ScriptedServer } from '../test/scripted-server.js'
import { stubLocks } from '../test/tab-locks.js'

describe('one tab of a browser counts', () => {
  /** A tab that can be cut off: then its token cannot be fetched. */
  function tab(url: string, { isCut = false, token = null as string | null, topic = 'video:1' } = {}) {
    const fetchToken = () => (isCut ? Promise.reject(new Error('no network')) : Promise.resolve(token))
    const opened = open(url, { tabs: 'one', token: fetchToken })
    const store = opened.client.topic(topic)
    const { shown } = record(store)
    return {
      ...{ ...opened, store, shown },
      isLive: () => until(() => store.get().status === 'live'),
      shows: (users: number, viewers: number) =>
        expect.poll(store.get, { timeout: 8_000 }).toEqual({ counts: counts(users, viewers), status: 'live' }),
      cut(cut: boolean) {
        isCut = cut
        if (cut) opened.sockets.at(-1)!.terminate()
      },
    }
  }
  const joinsOf = ({ sent }: ReturnType<typeof tab>) =>
    sent.filter(({ event }) => event !== 'heartbeat').map(({ event, payload }) => [event, payload])
  const serve = async (topics: Parameters<typeof connect>[1] = {}) => {
    stubLocks()
    return (await connect({}, topics)).server
  }

  test('the first one, if its connection is soon back', async () => {
    const server = await serve()
    const first = tab(server.url)
    await first.shows(0, 1)
    const second = tab(server.url)
    await second.shows(0, 1)
    first.sockets[0]!.terminate()
    await until(() => first.sockets.length === 2)
    await first.shows(0, 1)
    expect([joinsOf(first), joinsOf(second)]).toEqual([
      [
        ['phx_join', {}],
        ['phx_join', {}],
      ],
      [['phx_join', { observe: true }]],
    ])
  })

  test('the next one, if the first is cut off for longer, and the first only observes when it is back', async () => {
    const server = await serve()
    const first = tab(server.url)
    await first.shows(0, 1)
    const second = tab(server.url)
    await second.shows(0, 1)
    first.cut(true)
    await second.shows(0, 0)
    await second.shows(0, 1)
    first.cut(false)
    await first.shows(0, 1)
    expect(joinsOf(first).at(-1)).toEqual(['phx_join', { observe: true }])
    expect(second.shown.every(({ counts }) => counts.viewers.count <= 1)).toBe(true)
  })

  test.each([
    ['with Web Locks', {}],
    ['without them', { product: 'ReactNative' }],
  ])('%s, and a single tab is not shown 0 after it was cut off for longer', async (how, navigator) => {
    const server = await serve()
    if (how === 'without them') vi.stubGlobal('navigator', navigator)
    const alone = tab(server.url)
    await alone.shows(0, 1)
    alone.cut(true)
    await new Promise((resolve) => setTimeout(resolve, 3_200))
    alone.cut(false)
    await alone.shows(0, 1)
    await until(async () => (await server.counts('video:1')).viewers.count === 1)
    expect(alone.shown.filter(({ counts }) => counts.viewers.count !== 1)).toEqual([])
    const again =
      how === 'without them'
        ? [['phx_join', {}]]
        : [
            ['phx_join', { observe: true }],
            ['observe', { observe: false }],
          ]
    expect(joinsOf(alone)).toEqual([['phx_join', {}], ...again])
  })

  test('one that is connected, if the first cannot connect', async () => {
    const server = await serve()
    const first = tab(server.url, { isCut: true })
    const second = tab(server.url)
    await second.shows(0, 1)
    first.cut(false)
    await first.shows(0, 1)
    expect(await server.counts('video:1')).toEqual(counts(0, 1))
  })

  test('one that may join, if the first is refused, and each of them joins once', async () => {
    const server = await serve({ topics: [{ pattern: '*', access: 'users' }] })
    const first = tab(server.url)
    await until(() => first.store.get().status === 'refused')
    const second = tab(server.url, { token: tokenOf('7') })
    await second.shows(1, 0)
    expect([joinsOf(first), joinsOf(second)]).toEqual([[['phx_join', {}]], [['phx_join', {}]]])
    expect(first.store.get().reason).toBe('unauthorized')
  })

  test('and shows 1 first, never 0, even if the state of its join arrives before the lock', async () => {
    let grant = () => {}
    const request = (_name: string, _options: object, take: () => Promise<void>) =>
      new Promise<void>((granted) => {
        grant = granted
      }).then(take)
    vi.stubGlobal('navigator', { locks: { request } })
    onTestFinished(() => void vi.unstubAllGlobals())
    const server = await ScriptedServer.start()
    const { client } = open(server.url, { tabs: 'one' })
    const { shown } = record(client.topic('video:1'))
    const observed = record(client.topic('video:2', { observe: true }))
    const join = await server.join(1)
    join.accept(counts(0, 0))
    ;(await server.join(2)).accept(counts(0, 5))
    await until(() => observed.shown.length === 1)
    grant()
    await server.request('observe')
    join.broadcast('presence_diff', { joins: counts(0, 1), leaves: counts(0, 0), counts: counts(0, 1) })
    await until(() => shown.length > 0)
    expect(shown).toEqual([{ counts: counts(0, 1), status: 'live' }])
  })

  test('the next one, when the first leaves or closes', async () => {
    const server = await serve()
    const first = tab(server.url)
    await first.shows(0, 1)
    const second = tab(server.url)
    await second.isLive()
    first.client.close()
    await until(() => joinsOf(second).length === 2)
    await second.shows(0, 1)
    expect(joinsOf(second)[1]).toEqual(['observe', { observe: false }])
  })
})
