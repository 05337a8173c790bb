/**
 * Typed actions, reducer and thunk of the 2018 article "Display channel users count with Elixir/Phoenix + React/Redux",
 * for a store that uses the stock phoenix client directly.
 */
import { applyDiff, type Counts, type Diff, defaultGroups, toCounts } from '@headcount/protocol'
import { createAction, type Dispatch, type UnknownAction } from '@reduxjs/toolkit'

/** The payload of `presence_state`. */
export const setPresence = createAction<Counts, 'PRESENCE/SET'>('PRESENCE/SET')

export const presenceDiff = createAction<Diff, 'PRESENCE/DIFF'>('PRESENCE/DIFF')

const zeros: Counts = toCounts(defaultGroups, [])

/** `{ users: { count }, viewers: { count } }`: replaced by `setPresence`, changed by `joins - leaves` of a diff. */
export function presenceReducer(state: Counts | undefined = zeros, action: UnknownAction): Counts {
  if (setPresence.match(action)) return { ...state, ...action.payload }
  if (presenceDiff.match(action)) return applyDiff(state, action.payload)
  return state
}

/** The parts of phoenix's `Socket` and `Channel` that the thunk uses. */
export interface PhoenixSocket {
  channel(topic: string): PhoenixChannel
}
export interface PhoenixChannel {
  on<Payload>(event: string, callback: (payload: Payload) => void): unknown
  join(): unknown
  leave(): unknown
}

/** The extra argument of thunks: `getDefaultMiddleware({ thunk: { extraArgument: { socket } } })`. */
export interface PhoenixExtra {
  readonly socket: PhoenixSocket
}

/** A thunk that joins a topic and dispatches its states and diffs. Its result is a function that leaves the topic. */
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
