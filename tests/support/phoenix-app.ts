import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Counts, Diff } from '@headcount/protocol'
import { Record } from 'immutable'
import { type Action, legacy_createStore as createStore, type Store } from 'redux'
import { createAction, handleActions } from 'redux-actions'
import { WebSocket } from 'ws'
import { installXhr } from './xhr.js'

installXhr()

/** The names of other versions, and the folder in which they are installed, by `npm run phoenix:matrix`. */
const { PHOENIX_PACKAGES: packages, PHOENIX_FOLDER: folder = '' } = process.env

/** The versions of the stock client that are tested, by the names they are installed under. */
export const phoenixes = packages?.split(',') ?? ['phoenix', 'phoenix-1.7']

/** The newest version, which sends the token of a poll as 1.9 does, which npm does not have yet. */
const next = 'phoenix-1.9'

/** Versions that poll: requests of long polls have changed more often than messages. */
export const pollingPhoenixes = [next, ...phoenixes, 'phoenix-1.6', 'phoenix-1.5', 'phoenix-1.4'] as const

// As in the article "Display channel users count with Elixir/Phoenix + React/Redux" (2018): the stock client,
// redux-actions and an Immutable Record as the state.
const setPresence = createAction<Counts>('PRESENCE/SET')
const presenceDiff = createAction<Diff>('PRESENCE/DIFF')
const PresenceRecord = Record({ users: { count: 0 }, viewers: { count: 0 } })
type PresenceState = ReturnType<typeof PresenceRecord>

const presence = handleActions<PresenceState, Counts & Diff>(
  {
    'PRESENCE/SET': (state, { payload }) => state.merge(payload),
    'PRESENCE/DIFF': (state, { payload: { joins, leaves } }) => {
      const change = (group: 'users' | 'viewers') => (count: unknown) =>
        (count as number) + joins[group].count - leaves[group].count
      return state.updateIn(['users', 'count'], change('users')).updateIn(['viewers', 'count'], change('viewers'))
    },
  },
  PresenceRecord(),
)

/** One joined channel of a page, with its own store. */
export interface PageChannel {
  readonly channel: import('phoenix').Channel
  readonly joining: import('phoenix').Push
  shown(): Counts
}

export interface PhoenixApp {
  readonly socket: import('phoenix').Socket
  joinChannel(topic: string): PageChannel
  /** How often the socket was opened. */
  opened(): number
}

async function importPhoenix(phoenix: string): Promise<typeof import('phoenix')> {
  const path = folder && phoenixes.includes(phoenix) && createRequire(`${folder}/`).resolve(phoenix)
  const found = await import(path ? pathToFileURL(path).href : phoenix === next ? 'phoenix' : phoenix)
  return found.Socket === undefined ? found.default : found
}

/** The parts of the stock client's transport that decide where its requests have their token. */
interface LongPollTransport {
  readonly pollEndpoint: string
  readonly token: string | null
  endpointURL(): string
  ajax(method: string, headers: object, ...rest: unknown[]): void
}

const withTokenInHeader = (LongPoll: new (url: string, protocols: string[]) => LongPollTransport) =>
  class extends LongPoll {
    override endpointURL(): string {
      return this.pollEndpoint
    }
    override ajax(method: string, headers: object, ...rest: unknown[]): void {
      super.ajax(
        method,
        this.token === null ? headers : { ...headers, 'X-Phoenix-Longpoll-Token': this.token },
        ...rest,
      )
    }
  }

export interface PhoenixAppOptions {
  /** Polls, instead of a WebSocket. */
  readonly polls?: boolean
  readonly [option: string]: unknown
}

/** A page that runs the article's code on a stock client, over the WebSocket of `ws` or over long polls. */
export async function phoenixApp(phoenix: string, url: string, given: PhoenixAppOptions = {}): Promise<PhoenixApp> {
  const { polls = false, ...options } = given
  const { Socket, LongPoll } = await importPhoenix(phoenix)
  const poll = phoenix === next ? withTokenInHeader(LongPoll as never) : LongPoll
  const transport = (polls ? poll : WebSocket) as never
  const socket = new Socket(`${url.replace('http', 'ws')}/socket`, { transport, ...options })
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
