import { configureStore } from '@reduxjs/toolkit'
import { Socket } from 'phoenix'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { afterwards, started } from '../../client/test/clients.js'
import { counts, LiveServer, tokenOf, until } from '../../client/test/live.js'
import { joinChannel, presenceDiff, presenceReducer, setPresence } from './article.js'

test('the actions are those of the article', () => {
  expect(setPresence(counts(1, 2))).toEqual({ type: 'PRESENCE/SET', payload: counts(1, 2) })
  const diff = { joins: counts(1, 0), leaves: counts(0, 1) }
  expect(presenceDiff(diff)).toEqual({ type: 'PRESENCE/DIFF', payload: diff })
})

test('a state sets what it names, a diff adds joins and takes away leaves, and nothing else does anything', () => {
  const nobody = presenceReducer(undefined, { type: '@@INIT' })
  expect(nobody).toEqual(counts(0, 0))
  const set = presenceReducer(nobody, setPresence(counts(3, 10)))
  expect(set).toEqual(counts(3, 10))
  const moved = presenceReducer(set, presenceDiff({ joins: counts(2, 1), leaves: counts(1, 4) }))
  expect(moved).toEqual(counts(4, 7))
  expect(presenceReducer(moved, { type: 'PRESENCE/OTHER', payload: counts(0, 0) })).toBe(moved)
})

test('a diff is arithmetic even where it says what comes out', () => {
  const diff = { joins: counts(1, 0), leaves: counts(0, 0), counts: counts(9, 9) }
  expect(presenceReducer(counts(1, 1), presenceDiff(diff))).toEqual(counts(2, 1))
})

/** The article's app: a stock socket, and a store that it feeds. */
function app(url: string, options: object = {}) {
  const socket = new Socket(url, {
    transport: WebSocket,
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    ...options,
  })
  socket.connect()
  afterwards(() => socket.disconnect())
  const store = configureStore({
    reducer: { presence: presenceReducer },
    middleware: (defaults) => defaults({ thunk: { extraArgument: { socket } } }),
  })
  return { socket, store }
}

test('a store shows who is there, and leaves when it is undone', async () => {
  const server = started(await LiveServer.start())
  const viewer = app(server.url)
  const user = app(server.url, { authToken: await tokenOf('7') })
  viewer.store.dispatch(joinChannel('video:1'))
  const leave = user.store.dispatch(joinChannel('video:1'))
  const shown = () => [viewer, user].map(({ store }) => store.getState().presence)
  await until(() => JSON.stringify(shown()) === JSON.stringify([counts(1, 1), counts(1, 1)]), shown)
  leave()
  await until(() => viewer.store.getState().presence.users.count === 0)
  expect(viewer.store.getState().presence).toEqual(counts(0, 1))
})

test('every store is exact in a storm of joins, leaves, drops and a restart', async () => {
  const server = started(await LiveServer.start())
  const token = await tokenOf('7')
  /** Every fourth is a user. */
  const apps = Array.from({ length: 40 }, (_, i) => app(server.url, i % 4 === 0 ? { authToken: token } : {}))
  const join = ({ store }: (typeof apps)[number]) => store.dispatch(joinChannel('video:1'))
  const exact = async (of: typeof apps, users: number, viewers: number) => {
    const whole = JSON.stringify(counts(users, viewers))
    const shown = () => of.map(({ store }) => JSON.stringify(store.getState().presence))
    await until(async () => JSON.stringify(await server.counts('video:1')) === whole)
    await until(() => shown().every((each) => each === whole), shown)
  }

  const leaves = apps.slice(0, 20).map(join)
  await exact(apps.slice(0, 20), 5, 15)
  apps.slice(20).map(join)
  for (const leave of leaves.slice(0, 8)) leave()
  for (const { socket } of apps.slice(12, 30)) (socket as unknown as { conn: WebSocket }).conn.close(4000)
  await exact(apps.slice(8), 8, 24)
  await server.stop()
  await server.resume()
  await exact(apps.slice(8), 8, 24)
  for (const leave of leaves.slice(8, 12)) leave()
  await exact(apps.slice(12), 7, 21)
})
