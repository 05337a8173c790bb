import { createHeadcount } from '@headcount/server'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { LiveServer, tokenOf } from '@headcount/tools/live/live-server.mjs'
import { configureStore } from '@reduxjs/toolkit'
import { Socket } from 'phoenix'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { joinChannel, presenceDiff, presenceReducer, setPresence } from './phoenix-presence.js'

test('the actions have the types and payloads of the 2018 article', () => {
  expect(setPresence(counts(1, 2))).toEqual({ type: 'PRESENCE/SET', payload: counts(1, 2) })
  const diff = { joins: counts(1, 0), leaves: counts(0, 1) }
  expect(presenceDiff(diff)).toEqual({ type: 'PRESENCE/DIFF', payload: diff })
})

test('a state sets the counts, a diff adds joins and subtracts leaves, other actions change nothing', () => {
  const zeros = presenceReducer(undefined, { type: '@@INIT' })
  expect(zeros).toEqual(counts(0, 0))
  const set = presenceReducer(zeros, setPresence(counts(3, 10)))
  expect(set).toEqual(counts(3, 10))
  const changed = presenceReducer(set, presenceDiff({ joins: counts(2, 1), leaves: counts(1, 4) }))
  expect(changed).toEqual(counts(4, 7))
  expect(presenceReducer(changed, { type: 'PRESENCE/OTHER', payload: counts(0, 0) })).toBe(changed)
})

test('the resulting counts of a diff are not used', () => {
  const diff = { joins: counts(1, 0), leaves: counts(0, 0), counts: counts(9, 9) }
  expect(presenceReducer(counts(1, 1), presenceDiff(diff))).toEqual(counts(2, 1))
})

/** An application of the article: a stock socket, and a store that receives its events. */
function startApp(url: string, options: object = {}) {
  const socket = new Socket(url, {
    transport: WebSocket,
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    ...options,
  })
  socket.connect()
  onTestFinished(() => socket.disconnect())
  const store = configureStore({
    reducer: { presence: presenceReducer },
    middleware: (defaults) => defaults({ thunk: { extraArgument: { socket } } }),
  })
  return { socket, store }
}

test('a store shows the counts of a joined topic, and can leave it', async () => {
  const server = await LiveServer.start(createHeadcount)
  const viewer = startApp(server.url)
  const user = startApp(server.url, { authToken: tokenOf('7') })
  viewer.store.dispatch(joinChannel('video:1'))
  const leave = user.store.dispatch(joinChannel('video:1'))
  const shown = () => [viewer, user].map(({ store }) => store.getState().presence)
  await expect.poll(shown, { timeout: 8_000, interval: 5 }).toEqual([counts(1, 1), counts(1, 1)])
  leave()
  await until(() => viewer.store.getState().presence.users.count === 0)
  expect(viewer.store.getState().presence).toEqual(counts(0, 1))
})

test('all stores are exact after many joins, leaves, lost connections and a restart', async () => {
  const server = await LiveServer.start(createHeadcount)
  /** Every fourth application is signed in. */
  const apps = Array.from({ length: 40 }, (_, i) =>
    startApp(server.url, i % 4 === 0 ? { authToken: tokenOf('7') } : {}),
  )
  const join = ({ store }: (typeof apps)[number]) => store.dispatch(joinChannel('video:1'))
  const become = async (these: typeof apps, users: number, viewers: number) => {
    const expected = counts(users, viewers)
    await expect.poll(() => server.counts('video:1'), { timeout: 8_000, interval: 5 }).toEqual(expected)
    const shown = () => these.map(({ store }) => store.getState().presence)
    await expect.poll(shown, { timeout: 8_000, interval: 5 }).toEqual(these.map(() => expected))
  }

  const leaves = apps.slice(0, 20).map(join)
  await become(apps.slice(0, 20), 5, 15)
  apps.slice(20).map(join)
  for (const leave of leaves.slice(0, 8)) leave()
  for (const { socket } of apps.slice(12, 30)) (socket as unknown as { conn: WebSocket }).conn.close(4000)
  await become(apps.slice(8), 8, 24)
  await server.stop()
  await server.resume()
  await become(apps.slice(8), 8, 24)
  for (const leave of leaves.slice(8, 12)) leave()
  await become(apps.slice(12), 7, 21)
})
