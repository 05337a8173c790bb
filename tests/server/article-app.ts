import type { Counts, Diff } from '@headcount/protocol'
import { Record } from 'immutable'
import { type Action, legacy_createStore as createStore, type Store } from 'redux'
import { createAction, handleActions } from 'redux-actions'
import { WebSocket } from 'ws'

/** The majors of the stock client, by the name they are installed under. */
export const phoenixes = ['phoenix', 'phoenix-1.7'] as const

/** What the article's page is made of: the stock client, redux-actions, and an Immutable Record as the state. */
const setPresence = createAction<Counts>('PRESENCE/SET')
const presenceDiff = createAction<Diff>('PRESENCE/DIFF')

const PresenceRecord = Record({ users: { count: 0 }, viewers: { count: 0 } })
type PresenceState = ReturnType<typeof PresenceRecord>

const presence = handleActions<PresenceState, Counts & Diff>(
  {
    'PRESENCE/SET': (state, { payload }) => state.merge(payload),
    'PRESENCE/DIFF': (state, { payload: { joins, leaves } }) => {
      const move = (group: 'users' | 'viewers') => (count: unknown) =>
        (count as number) + joins[group].count - leaves[group].count
      return state.updateIn(['users', 'count'], move('users')).updateIn(['viewers', 'count'], move('viewers'))
    },
  },
  PresenceRecord(),
)

/** One channel of a page, with a store of its own that `presence_state` and `presence_diff` are dispatched to. */
export interface Tab {
  readonly channel: import('phoenix').Channel
  /** The push that joined it. */
  readonly joining: import('phoenix').Push
  shown(): Counts
}

export interface ArticleApp {
  readonly socket: import('phoenix').Socket
  joinChannel(topic: string): Tab
  /** How often the socket was opened. */
  opened(): number
}

/** A page with the article's code, its stock client's WebSocket being Node's. */
export async function articleApp(phoenix: string, url: string, options: object = {}): Promise<ArticleApp> {
  const { Socket } = (await import(phoenix)) as typeof import('phoenix')
  const socket = new Socket(`${url.replace('http', 'ws')}/socket`, {
    transport: WebSocket as never,
    ...options,
  })
  let opened = 0
  socket.onOpen(() => {
    opened += 1
  })
  socket.connect()
  return {
    socket,
    opened: () => opened,
    joinChannel(topic) {
      const store: Store<PresenceState, Action> = createStore(presence as never)
      const channel = socket.channel(topic)
      channel.on('presence_state', (counts) => void store.dispatch(setPresence(counts)))
      channel.on('presence_diff', (diff) => void store.dispatch(presenceDiff(diff)))
      return { channel, joining: channel.join(), shown: () => store.getState().toJS() as Counts }
    },
  }
}
