/**
 * The Redux surface of "Display channel users count with Elixir/Phoenix + React/Redux", piece by piece, for a store
 * that speaks with the stock phoenix client itself.
 */
import { applyDiff, type Counts, type Diff, defaultGroups, toCounts } from '@headcount/protocol'
import { createAction, type Dispatch, type UnknownAction } from '@reduxjs/toolkit'

/** `presence_state`: what the counts are. */
export const setPresence = createAction<Counts, 'PRESENCE/SET'>('PRESENCE/SET')

/** `presence_diff`: who came and who left since. */
export const presenceDiff = createAction<Diff, 'PRESENCE/DIFF'>('PRESENCE/DIFF')

const nobody: Counts = toCounts(defaultGroups, [])

/** `{ users: { count }, viewers: { count } }`: set by a state, moved by `joins - leaves`. */
export function presenceReducer(state: Counts | undefined = nobody, action: UnknownAction): Counts {
  if (setPresence.match(action)) return { ...state, ...action.payload }
  if (presenceDiff.match(action)) return applyDiff(state, action.payload)
  return state
}

/** As much of phoenix's `Socket` and `Channel` as this needs. */
export interface PhoenixSocket {
  channel(topic: string): PhoenixChannel
}
export interface PhoenixChannel {
  on<Payload>(event: string, callback: (payload: Payload) => void): unknown
  join(): unknown
  leave(): unknown
}

/** What thunks are given beside dispatch: `getDefaultMiddleware({ thunk: { extraArgument: { socket } } })`. */
export interface PhoenixExtra {
  readonly socket: PhoenixSocket
}

/** A thunk that joins a topic and keeps the store told of its counts. Dispatching it returns the undo, which leaves. */
export function joinChannel(topic: string) {
  return (dispatch: Dispatch, _getState: () => unknown, { socket }: PhoenixExtra): (() => void) => {
    const channel = socket.channel(topic)
    channel.on('presence_state', (counts: Counts) => dispatch(setPresence(counts)))
    channel.on('presence_diff', (diff: Diff) => dispatch(presenceDiff(diff)))
    channel.join()
    return () => {
      channel.leave()
    }
  }
}
