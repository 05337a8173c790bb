import { type Counts, createClient } from '@headcount/client'
import { configureStore } from '@reduxjs/toolkit'
import { Socket } from 'phoenix'
import { expectTypeOf } from 'vitest'
import {
  countsSlice,
  headcountMiddleware,
  selectCounts,
  selectReason,
  selectStatus,
  unwatchTopic,
  watchTopic,
} from './index.js'
import { joinChannel, presenceDiff, presenceReducer, setPresence } from './phoenix-presence.js'

const store = configureStore({
  reducer: { [countsSlice.reducerPath]: countsSlice.reducer, other: () => 1 },
  middleware: (defaults) => defaults().concat(headcountMiddleware(createClient({ url: '/socket' }))),
})
store.dispatch(watchTopic('video:42', { observe: true }))
store.dispatch(unwatchTopic('video:42'))
expectTypeOf(selectCounts(store.getState(), 'video:42')).toEqualTypeOf<Counts>()
const { connecting } = createClient({ url: '/socket', groups: ['members', 'guests'] })
expectTypeOf(selectCounts(store.getState(), 'video:42', connecting)).toEqualTypeOf<Counts<'members' | 'guests'>>()
expectTypeOf(selectStatus(store.getState(), 'video:42')).toEqualTypeOf<'connecting' | 'live' | 'stale' | 'refused'>()
expectTypeOf(selectReason(store.getState(), 'video:42')).toEqualTypeOf<string | undefined>()

// @ts-expect-error a topic is required
watchTopic()
// @ts-expect-error no such option
watchTopic('video:42', { watch: true })
// @ts-expect-error the state has no slice
selectCounts({ other: 1 }, 'video:42')

const socket = new Socket('/socket')
const presenceStore = configureStore({
  reducer: { presence: presenceReducer },
  middleware: (defaults) => defaults({ thunk: { extraArgument: { socket } } }),
})
expectTypeOf(presenceStore.getState().presence).toEqualTypeOf<Counts>()
expectTypeOf(presenceStore.dispatch(joinChannel('video:42'))).toEqualTypeOf<() => void>()
expectTypeOf(setPresence.type).toEqualTypeOf<'PRESENCE/SET'>()
expectTypeOf(presenceDiff.type).toEqualTypeOf<'PRESENCE/DIFF'>()

// @ts-expect-error a state has counts
setPresence({ users: 1 })
// @ts-expect-error a diff has leaves
presenceDiff({ joins: { users: { count: 1 }, viewers: { count: 0 } } })
// @ts-expect-error the thunk needs a socket
store.dispatch(joinChannel('video:42'))
