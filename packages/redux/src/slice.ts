import { connecting, type TopicSnapshot, type TopicStatus } from '@headcount/client'
import type { Counts } from '@headcount/protocol'
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

/** What is known of every topic that is watched, by its name. Nothing of the others. */
export type CountsState = Readonly<Record<string, TopicSnapshot>>

/** A topic to watch. The same topic may be watched several times: it is left when as many have stopped. */
export interface Watch {
  readonly topic: string
  /** Receives the counts and is not counted. */
  readonly observe?: boolean
}

interface TopicChange {
  readonly topic: string
  readonly snapshot: TopicSnapshot
}

const watch = {
  prepare: (topic: string, { observe = false }: { readonly observe?: boolean | undefined } = {}) => ({
    payload: { topic, observe },
  }),
  reducer: (_state: CountsState, _action: PayloadAction<Watch>) => {}, // the middleware's to act on
}

export const countsSlice = createSlice({
  name: 'headcount',
  initialState: {} as CountsState,
  reducers: {
    watchTopic: watch,
    unwatchTopic: watch,
    /** What the middleware says when a topic has changed. Counts that the store was loaded with stay until there are any. */
    topicChanged: (state, { payload: { topic, snapshot } }: PayloadAction<TopicChange>) => {
      const loaded = state[topic]
      state[topic] = snapshot.status === 'connecting' && loaded ? { ...snapshot, counts: loaded.counts } : snapshot
    },
    /** What the middleware says when nobody watches a topic any more. */
    topicForgotten: (state, { payload: topic }: PayloadAction<string>) => {
      delete state[topic]
    },
  },
})

export const { watchTopic, unwatchTopic, topicChanged, topicForgotten } = countsSlice.actions
/** A root state that holds the slice where it belongs: `reducer: { [countsSlice.reducerPath]: countsSlice.reducer }`. */
export interface WithCounts {
  readonly headcount: CountsState
}

/** What is known of a topic: the same object until it changes. Of one that nobody watches: zeros, connecting. */
export function selectTopic(state: WithCounts, topic: string): TopicSnapshot {
  return state.headcount[topic] ?? connecting
}

export function selectCounts(state: WithCounts, topic: string): Counts {
  return selectTopic(state, topic).counts
}

export function selectStatus(state: WithCounts, topic: string): TopicStatus {
  return selectTopic(state, topic).status
}

/** Why the topic was refused. */
export function selectReason(state: WithCounts, topic: string): string | undefined {
  return selectTopic(state, topic).reason
}
