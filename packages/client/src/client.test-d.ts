import { expectTypeOf } from 'vitest'
import { WebSocket } from 'ws'
import {
  type Client,
  ClientError,
  type ClientOptions,
  type Count,
  type CountRule,
  type Counts,
  createClient,
  type IdStorage,
  type TopicSnapshot,
} from './index.js'

const client = createClient({
  url: 'wss://host/socket',
  token: () => Promise.resolve('a token'),
  clientId: 'browser',
  globalPrivacyControl: true,
  count: 'visible',
  hiddenAfter: 5_000,
  tabs: 'one',
  visibility: { isVisible: () => true, subscribe: () => () => {} },
  socket: { transport: WebSocket, params: { app: 'tv' }, timeout: 5_000, heartbeatIntervalMs: 20_000 },
  linger: 100,
  random: Math.random,
})
createClient({ url: '/socket', token: undefined, socket: { transport: globalThis.WebSocket } })
createClient({ url: '/socket', token: () => null })
createClient({ url: '/socket', socket: { transport: undefined, params: undefined, timeout: undefined } })

// @ts-expect-error a client needs a url
createClient({})
// @ts-expect-error a token is a string
createClient({ url: '/socket', token: 7 })
// @ts-expect-error the token is not an option of the socket
createClient({ url: '/socket', socket: { authToken: 'a token' } })
// @ts-expect-error a page counts while it is open or visible
createClient({ url: '/socket', count: 'focused' })

expectTypeOf(client).toEqualTypeOf<Client>()
expectTypeOf(client.status).toEqualTypeOf<'idle' | 'connecting' | 'live' | 'stale' | 'closed'>()

expectTypeOf(client.error).toEqualTypeOf<ClientError | null>()

client.topic('video:42', { count: 'visible', tabs: 'one' })
const store = client.topic('video:42', { observe: true })
expectTypeOf(store.get()).toEqualTypeOf<TopicSnapshot>()
expectTypeOf(store.get().status).toEqualTypeOf<'connecting' | 'live' | 'stale' | 'refused'>()
expectTypeOf(store.get().counts.users.count).toEqualTypeOf<number>()
expectTypeOf(store.subscribe).toEqualTypeOf<(listener: () => void) => () => void>()
expectTypeOf<Counts>().toEqualTypeOf<{
  readonly users: { readonly count: number; readonly below?: number }
  readonly viewers: { readonly count: number; readonly below?: number }
}>()

const grouped = createClient({ url: '/socket', groups: ['members', 'guests'] })
expectTypeOf(grouped).toEqualTypeOf<Client<'members' | 'guests'>>()
expectTypeOf(grouped.topic('video:42').get().counts.members.count).toEqualTypeOf<number>()
expectTypeOf(grouped.connecting.counts).toEqualTypeOf<Counts<'members' | 'guests'>>()
// @ts-expect-error no such group
grouped.topic('video:42').get().counts.users
expectTypeOf(new ClientError('bad_option', '').code).toEqualTypeOf<
  'bad_option' | 'bad_address' | 'no_websocket' | 'refused' | 'invalid_token' | 'no_token'
>()

// @ts-expect-error a snapshot is immutable
store.get().status = 'live'
// @ts-expect-error its counts are immutable
store.get().counts.users.count = 0
// @ts-expect-error no such group
store.get().counts.lurkers

expectTypeOf<IdStorage>().toExtend<ClientOptions['clientId']>()
expectTypeOf<ClientOptions['count']>().toEqualTypeOf<CountRule | undefined>()
expectTypeOf<Counts['users']>().toEqualTypeOf<Count>()
