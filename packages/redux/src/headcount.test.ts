import { configureStore } from '@reduxjs/toolkit'
import { beforeAll, expect, test } from 'vitest'
import { afterwards, clientsOn, type Opened, started } from '../../client/test/clients.js'
import { counts, LiveServer, until } from '../../client/test/live.js'
import {
  countsSlice,
  headcountMiddleware,
  selectCounts,
  selectReason,
  selectStatus,
  selectTopic,
  unwatchTopic,
  watchTopic,
} from './index.js'

let open: Awaited<ReturnType<typeof clientsOn>>
beforeAll(async () => {
  open = await clientsOn('phoenix')
})

/** A store as an app makes it, serialisability and immutability checks on. */
function storeOf({ client }: Opened, headcount = countsSlice.getInitialState()) {
  return configureStore({
    reducer: { headcount: countsSlice.reducer },
    middleware: (defaults) => defaults().concat(headcountMiddleware(client)),
    preloadedState: { headcount },
  })
}

test('a topic that nobody watches is zeros, connecting', () => {
  const store = storeOf(open('/socket'))
  expect(store.getState()).toEqual({ headcount: {} })
  expect(selectTopic(store.getState(), 'video:1')).toEqual({ counts: counts(0, 0), status: 'connecting' })
})

test('a watched topic is live in the store', async () => {
  const server = started(await LiveServer.start())
  const store = storeOf(open(server.url))
  store.dispatch(watchTopic('video:1'))
  expect(selectStatus(store.getState(), 'video:1')).toBe('connecting')
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  expect(selectCounts(store.getState(), 'video:1')).toEqual(counts(0, 1))
  server.track('video:1', 'a kiosk')
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 2)
})

test('a topic is left when as many have stopped watching as have begun', async () => {
  const server = started(await LiveServer.start())
  const opened = open(server.url)
  const store = storeOf(opened)
  store.dispatch(watchTopic('video:1'))
  store.dispatch(watchTopic('video:1'))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  store.dispatch(unwatchTopic('video:1'))
  expect(selectStatus(store.getState(), 'video:1')).toBe('live')
  store.dispatch(unwatchTopic('video:1'))
  expect(store.getState().headcount).toEqual({})
  store.dispatch(unwatchTopic('video:1'))
  await until(async () => (await server.counts('video:1')).viewers.count === 0)
  expect(opened.sent.map(({ event }) => event)).toEqual(['phx_join', 'phx_leave'])
})

test('who stops and begins again at once was never gone', async () => {
  const server = started(await LiveServer.start())
  const opened = open(server.url)
  const store = storeOf(opened)
  store.dispatch(watchTopic('video:1'))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  store.dispatch(unwatchTopic('video:1'))
  store.dispatch(watchTopic('video:1'))
  expect(selectTopic(store.getState(), 'video:1')).toEqual({ counts: counts(0, 1), status: 'live' })
  server.track('video:1', 'a kiosk')
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 2)
  expect(opened.sent).toHaveLength(1)
})

test('an observed topic does not count us, until somebody watches it too', async () => {
  const server = started(await LiveServer.start())
  const store = storeOf(open(server.url))
  store.dispatch(watchTopic('video:1', { observe: true }))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  expect(selectCounts(store.getState(), 'video:1')).toEqual(counts(0, 0))
  store.dispatch(watchTopic('video:1'))
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 1)
  store.dispatch(unwatchTopic('video:1'))
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 0)
  expect(selectStatus(store.getState(), 'video:1')).toBe('live')
})

test('a refusal is in the store with its reason', async () => {
  const server = started(await LiveServer.start({ topics: ['video:*'] }))
  const store = storeOf(open(server.url))
  store.dispatch(watchTopic('chat'))
  await until(() => selectStatus(store.getState(), 'chat') === 'refused')
  expect(selectReason(store.getState(), 'chat')).toBe('unmatched topic')
})

test('counts that the store was loaded with stay until there are new ones', async () => {
  const server = started(await LiveServer.start())
  const loaded = { 'video:1': { counts: counts(3, 4), status: 'connecting' as const } }
  const store = storeOf(open(server.url), loaded)
  const seen = [selectCounts(store.getState(), 'video:1')]
  afterwards(store.subscribe(() => seen.push(selectCounts(store.getState(), 'video:1'))))
  store.dispatch(watchTopic('video:1'))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  expect(new Set(seen.map(({ viewers }) => viewers.count))).toEqual(new Set([4, 1]))
})

test('a change of one topic leaves the others as they are', async () => {
  const server = started(await LiveServer.start())
  const store = storeOf(open(server.url))
  store.dispatch(watchTopic('video:1'))
  store.dispatch(watchTopic('video:2'))
  await until(() => ['video:1', 'video:2'].every((topic) => selectStatus(store.getState(), topic) === 'live'))
  const before = selectTopic(store.getState(), 'video:1')
  server.track('video:2', 'a kiosk')
  await until(() => selectCounts(store.getState(), 'video:2').viewers.count === 2)
  expect(selectTopic(store.getState(), 'video:1')).toBe(before)
})
