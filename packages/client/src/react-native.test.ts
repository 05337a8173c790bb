import { record } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { tokenOf } from '@headcount/tools/live/live-server.mjs'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../test/clients.js'

/** Globals of a page that React Native does not have. */
const missing = [
  ...['document', 'location', 'localStorage', 'sessionStorage', 'crypto', 'EventSource'],
  ...['addEventListener', 'removeEventListener', 'WebSocket'],
]

/** Globals that old versions of React Native, and jsdom, do not have either. */
const recent = ['TextDecoder', 'TextEncoder', 'btoa', 'atob']

/** The server of a test is in the same process, and verifies tokens with it. */
const { crypto } = globalThis

describe('in React Native, without the globals of a page', () => {
  beforeEach(() => {
    for (const name of missing) vi.stubGlobal(name, undefined)
    vi.stubGlobal('navigator', { product: 'ReactNative' })
    onTestFinished(() => void vi.unstubAllGlobals())
  })

  /** Stands for `AppState`, whose state and listeners are the source of visibility. */
  function createAppState() {
    const listeners = new Set<() => void>()
    const appState = { currentState: 'active' }
    return {
      visibility: {
        isVisible: () => appState.currentState === 'active',
        subscribe: (listener: () => void) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      },
      turn(state: 'active' | 'background') {
        appState.currentState = state
        for (const listener of listeners) listener()
      },
    }
  }

  test('an old version has all that the client and its words need to be loaded', async () => {
    for (const name of recent) vi.stubGlobal(name, undefined)
    vi.resetModules()
    const { createClient } = await import('./index.js')
    const { english } = await import('./text.js')
    expect(createClient({ url: 'wss://host/socket' }).topic('video:1').get().status).toBe('connecting')
    expect(english.empty).toBe('Nobody here')
  })

  test('a client counts with every option, and signs in and out', async () => {
    const { visibility } = createAppState()
    const options = { count: 'visible', tabs: 'one', clientId: 'browser', globalPrivacyControl: true } as const
    const { client } = await connect({ ...options, visibility })
    const store = client.topic('video:1')
    const { shown } = record(store)
    await until(() => store.get().counts.viewers.count === 1)
    vi.stubGlobal('crypto', crypto)
    client.signIn(tokenOf('7'))
    await until(() => store.get().counts.users.count === 1)
    client.signOut()
    await until(() => store.get().counts.viewers.count === 1 && store.get().status === 'live')
    expect(shown.every(({ counts }) => counts.users.count + counts.viewers.count === 1)).toBe(true)
    expect(client.error).toBeNull()
  })

  test('an application in the background counts no longer, and again at once in the foreground', async () => {
    const { visibility, turn } = createAppState()
    const { client, server } = await connect({ count: 'visible', hiddenAfter: 20, visibility })
    const store = client.topic('video:1')
    record(store)
    await until(() => store.get().counts.viewers.count === 1)
    turn('background')
    await until(async () => (await server.counts('video:1')).viewers.count === 0)
    turn('active')
    await until(() => store.get().counts.viewers.count === 1)
    expect(store.get()).toEqual({ counts: counts(0, 1), status: 'live' })
  })

  test('a client reconnects, and a random id stays the same for as long as the application runs', async () => {
    const { client, sockets, connections } = await connect({ clientId: 'browser' })
    const store = client.topic('video:1')
    record(store)
    await until(() => store.get().status === 'live')
    sockets[0]!.terminate()
    await until(() => connections.length === 2)
    const [first, second] = connections.map(({ protocols }) => protocols)
    expect(first).toHaveLength(2)
    expect(second).toEqual(first)
  })

  test('without a WebSocket class there is an error, and a path has no address', async () => {
    const { createClient } = await import('./index.js')
    for (const [url, code] of [
      ['wss://host/socket', 'no_websocket'],
      ['/socket', 'bad_address'],
    ]) {
      const socket = code === 'bad_address' ? { transport: class {} } : {}
      const client = createClient({ url: url!, socket, random: () => 0 })
      onTestFinished(() => client.close())
      client.topic('video:1').subscribe(() => {})
      await until(() => client.error !== null)
      expect(client.error!.code).toBe(code)
    }
  })
})
