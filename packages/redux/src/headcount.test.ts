import { createClient } from '@headcount/client'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { openClient } from '@headcount/tools/live/client.mjs'
import { counts, until } from '@headcount/tools/live/expectations.mjs'
import { LiveServer } from '@headcount/tools/live/live-server.mjs'
import { configureStore } from '@reduxjs/toolkit'
import { expect, onTestFinished, test } from 'vitest'
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

/** A store with Redux Toolkit's checks for serializable and immutable state, and the server of its client. */
async function startApp(options: HeadcountOptions = {}, headcount = countsSlice.getInitialState()) {
  const server = await LiveServer.start(createHeadcount, options)
  const { client, sent } = openClient(createClient, server.url)
  const store = configureStore({
    reducer: { headcount: countsSlice.reducer },
    middleware: (defaults) => defaults().concat(headcountMiddleware(client)),
    preloadedState: { headcount },
  })
  return { server, client, sent, store }
}

test('a topic that is not watched has zeros and is connecting', async () => {
  const { store, client } = await startApp()
  expect(store.getState()).toEqual({ headcount: {} })
  expect(selectTopic(store.getState(), 'video:1')).toEqual({ counts: counts(0, 0), status: 'connecting' })
  expect(selectTopic(store.getState(), 'video:1', client.connecting)).toBe(client.connecting)
})

test('a watched topic becomes live', async () => {
  const { server, store } = await startApp()
  store.dispatch(watchTopic('video:1'))
  expect(selectStatus(store.getState(), 'video:1')).toBe('connecting')
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  expect(selectCounts(store.getState(), 'video:1')).toEqual(counts(0, 1))
  server.track('video:1', 'kiosk')
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 2)
})

test('a topic is left after as many unwatches as watches', async () => {
  const { server, sent, store } = await startApp()
  store.dispatch(watchTopic('video:1'))
  store.dispatch(watchTopic('video:1'))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  store.dispatch(unwatchTopic('video:1'))
  expect(selectStatus(store.getState(), 'video:1')).toBe('live')
  store.dispatch(unwatchTopic('video:1'))
  expect(store.getState().headcount).toEqual({})
  store.dispatch(unwatchTopic('video:1'))
  await until(async () => (await server.counts('video:1')).viewers.count === 0)
  expect(sent.map(({ event }) => event)).toEqual(['phx_join', 'phx_leave'])
})

test('a topic that is unwatched and watched again at once is not left', async () => {
  const { server, sent, store } = await startApp()
  store.dispatch(watchTopic('video:1'))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  store.dispatch(unwatchTopic('video:1'))
  store.dispatch(watchTopic('video:1'))
  expect(selectTopic(store.getState(), 'video:1')).toEqual({ counts: counts(0, 1), status: 'live' })
  server.track('video:1', 'kiosk')
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 2)
  expect(sent).toHaveLength(1)
})

test('an observed topic does not count the client, until it is watched as well', async () => {
  const { store } = await startApp()
  store.dispatch(watchTopic('video:1', { observe: true }))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  expect(selectCounts(store.getState(), 'video:1')).toEqual(counts(0, 0))
  store.dispatch(watchTopic('video:1'))
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 1)
  store.dispatch(unwatchTopic('video:1'))
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 0)
  expect(selectStatus(store.getState(), 'video:1')).toBe('live')
})

test('`unwatchTopic` applies to the watcher with the same options', async () => {
  const { store } = await startApp()
  store.dispatch(watchTopic('video:1', { tabs: 'one' }))
  store.dispatch(watchTopic('video:1', { observe: true }))
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 1)
  store.dispatch(unwatchTopic('video:1', { tabs: 'one', observe: false }))
  await until(() => selectCounts(store.getState(), 'video:1').viewers.count === 0)
  store.dispatch(unwatchTopic('video:1', { observe: true }))
  expect(store.getState().headcount).toEqual({})
})

test('a refused topic has the reason', async () => {
  const { store } = await startApp({ topics: ['video:*'] })
  store.dispatch(watchTopic('chat'))
  await until(() => selectStatus(store.getState(), 'chat') === 'refused')
  expect(selectReason(store.getState(), 'chat')).toBe('unmatched topic')
})

test.each(['constructor', '__proto__', 'toString'])(
  'a topic may have a name that every object has: %s',
  async (topic) => {
    const { store } = await startApp()
    store.dispatch(watchTopic('video:1'))
    expect(selectTopic(store.getState(), topic)).toEqual({ counts: counts(0, 0), status: 'connecting' })
    store.dispatch(watchTopic(topic))
    await until(() => selectStatus(store.getState(), topic) === 'live')
    expect(selectCounts(store.getState(), topic)).toEqual(counts(0, 1))
    expect(Object.keys(store.getState().headcount)).toEqual(['video:1', topic])
    store.dispatch(unwatchTopic(topic))
    expect(Object.keys(store.getState().headcount)).toEqual(['video:1'])
  },
)

test('preloaded counts stay until the first ones arrive', async () => {
  const { store } = await startApp({}, { 'video:1': { counts: counts(3, 4), status: 'connecting' } })
  const seen = [selectCounts(store.getState(), 'video:1')]
  onTestFinished(store.subscribe(() => seen.push(selectCounts(store.getState(), 'video:1'))))
  store.dispatch(watchTopic('video:1'))
  await until(() => selectStatus(store.getState(), 'video:1') === 'live')
  expect(new Set(seen.map(({ viewers }) => viewers.count))).toEqual(new Set([4, 1]))
})

test('a change of one topic keeps the snapshots of the others', async () => {
  const { server, store } = await startApp()
  store.dispatch(watchTopic('video:1'))
  store.dispatch(watchTopic('video:2'))
  await until(() => ['video:1', 'video:2'].every((topic) => selectStatus(store.getState(), topic) === 'live'))
  const before = selectTopic(store.getState(), 'video:1')
  server.track('video:2', 'kiosk')
  await until(() => selectCounts(store.getState(), 'video:2').viewers.count === 2)
  expect(selectTopic(store.getState(), 'video:1')).toBe(before)
})
