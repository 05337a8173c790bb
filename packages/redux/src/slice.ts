import {
  type Counts,
  connecting,
  type DefaultGroup,
  type Group,
  type TopicOptions,
  type TopicSnapshot,
  type TopicStatus,
} from '@headcount/client'
import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

export type CountsState = Readonly<Record<string, TopicSnapshot<Group>>>

/** A topic may be watched several times: it is left after as many `unwatchTopic`. */
export interface Watch extends TopicOptions {
  readonly topic: string
}

interface TopicChange {
  readonly topic: string
  readonly snapshot: TopicSnapshot<Group>
}

/** Every object has a `constructor`, which may also be a topic. */
const ownSnapshot = (state: CountsState, topic: string): TopicSnapshot<Group> | undefined =>
  Object.hasOwn(state, topic) ? state[topic] : undefined

const watch = {
  prepare: (topic: string, options: TopicOptions = {}): { payload: Watch } => ({ payload: { ...options, topic } }),
  reducer: (_state: CountsState, _action: PayloadAction<Watch>) => {}, // handled by the middleware
}

export const countsSlice = createSlice({
  name: 'headcount',
  initialState: {} as CountsState,
  reducers: {
    watchTopic: watch,
    unwatchTopic: watch,
    /** Dispatched by the middleware. Preloaded counts stay until the first ones arrive. */
    topicChanged: (state, { payload: { topic, snapshot } }: PayloadAction<TopicChange>) => {
      const preloaded = ownSnapshot(state, topic)
      const isKept = snapshot.status === 'connecting' && preloaded !== undefined
      // Not by assignment, which would not add a topic `__proto__`.
      return { ...state, [topic]: isKept ? { ...snapshot, counts: preloaded.counts } : snapshot }
    },
    /** Dispatched by the middleware when a topic has no watchers left. */
    topicRemoved: (state, { payload: topic }: PayloadAction<string>) => {
      delete state[topic]
    },
  },
})

export const { watchTopic, unwatchTopic, topicChanged, topicRemoved } = countsSlice.actions

/** A root state with the slice: `reducer: { [countsSlice.reducerPath]: countsSlice.reducer }`. */
export interface WithCounts {
  readonly headcount: CountsState
}

/**
 * The snapshot of a topic, the same object until it changes.
 * @param initial The snapshot of a topic that is not watched. Default: zero users and viewers. With other groups, pass
 *   the `connecting` of the client.
 */
export function selectTopic<G extends Group = DefaultGroup>(
  state: WithCounts,
  topic: string,
  initial: TopicSnapshot<G> = connecting as TopicSnapshot<Group> as TopicSnapshot<G>,
): TopicSnapshot<G> {
  return (ownSnapshot(state.headcount, topic) as TopicSnapshot<G> | undefined) ?? initial
}

export function selectCounts<G extends Group = DefaultGroup>(
  state: WithCounts,
  topic: string,
  initial?: TopicSnapshot<G>,
): Counts<G> {
  return selectTopic(state, topic, initial).counts
}

export function selectStatus(state: WithCounts, topic: string): TopicStatus {
  return selectTopic(state, topic).status
}

/** Why the topic was refused. */
export function selectReason(state: WithCounts, topic: string): string | undefined {
  return selectTopic(state, topic).reason
}
