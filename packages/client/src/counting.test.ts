import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connect, open, type TestClient } from '../test/clients.js'

/** A source of visibility, like that of an application in React Native. */
function appState(isVisible: boolean) {
  const listeners = new Set<() => void>()
  return {
    listeners,
    isVisible: () => isVisible,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    show(shown: boolean) {
      isVisible = shown
      for (const listener of listeners) listener()
    },
  }
}

describe('which pages a topic counts', () => {
  const hiddenAfter = 60
  const eventsOf = ({ sent }: TestClient) =>
    sent.filter(({ event }) => event !== 'heartbeat').map(({ event, payload }) => [event, payload])

  test('a hidden application is no longer counted after a while, and again at once when it is visible', async () => {
    const visibility = appState(true)
    const opened = await connect({ count: 'visible', visibility, hiddenAfter })
    const store = opened.client.topic('video:1')
    const { shown } = record(store)
    await until(() => store.get().counts.viewers.count === 1)
    visibility.show(false)
    visibility.show(true)
    visibility.show(false)
    await until(() => store.get().counts.viewers.count === 0)
    visibility.show(true)
    await until(() => store.get().counts.viewers.count === 1)
    expect(eventsOf(opened)).toEqual([
      ['phx_join', {}],
      ['observe', { observe: true }],
      ['observe', { observe: false }],
    ])
    expect(shown.map(({ status }) => status)).toEqual(['live', 'live', 'live'])
  })

  test('an application that starts hidden counts when it is first visible', async () => {
    const visibility = appState(false)
    const opened = await connect({ count: 'visible', visibility, hiddenAfter })
    const store = opened.client.topic('video:1')
    record(store)
    await until(() => store.get().status === 'live')
    expect(await opened.server.counts('video:1')).toEqual(counts(0, 0))
    visibility.show(true)
    await until(() => store.get().counts.viewers.count === 1)
    expect(eventsOf(opened)[0]).toEqual(['phx_join', { observe: true }])
  })

  test('the options of a topic win over those of its client', async () => {
    const { client, server } = await connect({ count: 'visible', visibility: appState(false) })
    record(client.topic('video:1'))
    record(client.topic('video:2', { count: 'open' }))
    await until(async () => (await server.counts('video:2')).viewers.count === 1)
    await until(() => client.topic('video:1').get().status === 'live')
    expect(await server.counts('video:1')).toEqual(counts(0, 0))
    expect(client.topic('video:1', { count: 'visible' })).toBe(client.topic('video:1'))
  })

  test('an application that was hidden while it connected joins as an observer', async () => {
    const visibility = appState(true)
    let connected = (_token: null): void => {}
    const token = () => new Promise<null>((resolve) => (connected = resolve))
    const opened = await connect({ count: 'visible', visibility, hiddenAfter: 0, token })
    const store = opened.client.topic('video:1')
    record(store)
    await vi.waitUntil(() => visibility.listeners.size > 0)
    visibility.show(false)
    setTimeout(() => connected(null), 20)
    await until(() => store.get().status === 'live')
    expect(eventsOf(opened)).toEqual([['phx_join', { observe: true }]])
  })

  test('a page that is prerendered opens no connection until it is opened', async () => {
    const window = new EventTarget()
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
    vi.stubGlobal('document', { visibilityState: 'visible', prerendering: true })
    onTestFinished(() => void vi.unstubAllGlobals())
    const { client, server, sockets } = await connect()
    record(client.topic('video:1'))
    window.dispatchEvent(new Event('pageshow'))
    await new Promise(setImmediate)
    expect([client.status, sockets.length]).toEqual(['connecting', 0])
    vi.stubGlobal('document', { visibilityState: 'visible', prerendering: false })
    window.dispatchEvent(new Event('prerenderingchange'))
    await until(async () => (await server.counts('video:1')).viewers.count === 1)
    expect(sockets).toHaveLength(1)
  })

  test('a closed client no longer listens to the visibility', async () => {
    const visibility = appState(true)
    const { client } = await connect({ visibility })
    record(client.topic('video:1'))
    expect(visibility.listeners.size).toBe(1)
    client.close()
    expect(visibility.listeners.size).toBe(0)
    record(client.topic('video:1'))
    expect(visibility.listeners.size).toBe(1)
  })

  test('a client that no topic needs any more does not listen to the visibility, until one needs it', async () => {
    const visibility = appState(true)
    const { client } = await connect({ visibility, linger: 0, socket: { heartbeatIntervalMs: 30 } })
    const { unsubscribe } = record(client.topic('video:1'))
    await until(() => client.status === 'live')
    unsubscribe()
    await until(() => client.status === 'idle')
    expect(visibility.listeners.size).toBe(0)
    record(client.topic('video:1'))
    expect(visibility.listeners.size).toBe(1)
  })

  test('without Web Locks each tab counts', async () => {
    vi.stubGlobal('navigator', {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const one = await connect({ tabs: 'one' })
    const other = open(one.server.url, { tabs: 'one' })
    for (const { client } of [one, other]) record(client.topic('video:1'))
    await until(async () => (await one.server.counts('video:1')).viewers.count === 2)
  })

  test('if Web Locks are denied each tab counts', async () => {
    vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new Error('SecurityError')) } })
    onTestFinished(() => void vi.unstubAllGlobals())
    const { client, server } = await connect({ tabs: 'one' })
    record(client.topic('video:1'))
    await until(async () => (await server.counts('video:1')).viewers.count === 1)
  })
})
