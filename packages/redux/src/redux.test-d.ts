import type { Counts } from '@headcount/client'
import { configureStore } from '@reduxjs/toolkit'
import { Socket } from 'phoenix'
import { expectTypeOf } from 'vitest'
import { createClient } from '../../client/src/index.js'
import { joinChannel, presenceDiff, presenceReducer, setPresence } from './article.js'
import {
  countsSlice,
  headcountMiddleware,
  selectCounts,
  selectReason,
  selectStatus,
  unwatchTopic,
  watchTopic,
} from './index.js'

const store = configureStore({
  reducer: { [countsSlice.reducerPath]: countsSlice.reducer, other: () => 1 },
  middleware: (defaults) => defaults().concat(headcountMiddleware(createClient({ url: '/socket' }))),
})
store.dispatch(watchTopic('video:42', { observe: true }))
store.dispatch(unwatchTopic('video:42'))
expectTypeOf(selectCounts(store.getState(), 'video:42')).toEqualTypeOf<Counts>()
expectTypeOf(selectStatus(store.getState(), 'video:42')).toEqualTypeOf<'connecting' | 'live' | 'stale' | 'refused'>()
expectTypeOf(selectReason(store.getState(), 'video:42')).toEqualTypeOf<string | undefined>()

// @ts-expect-error a topic has a name
watchTopic()
// @ts-expect-error no such option
watchTopic('video:42', { watch: true })
// @ts-expect-error a state without the slice
selectCounts({ other: 1 }, 'video:42')

const socket = new Socket('/socket')
const articles = configureStore({
  reducer: { presence: presenceReducer },
  middleware: (defaults) => defaults({ thunk: { extraArgument: { socket } } }),
})
expectTypeOf(articles.getState().presence).toEqualTypeOf<Counts>()
expectTypeOf(articles.dispatch(joinChannel('video:42'))).toEqualTypeOf<() => void>()
expectTypeOf(setPresence.type).toEqualTypeOf<'PRESENCE/SET'>()
expectTypeOf(presenceDiff.type).toEqualTypeOf<'PRESENCE/DIFF'>()

// @ts-expect-error a state is counts
setPresence({ users: 1 })
// @ts-expect-error a diff has leaves
presenceDiff({ joins: { users: { count: 1 }, viewers: { count: 0 } } })
// @ts-expect-error a thunk needs its socket
store.dispatch(joinChannel('video:42'))
