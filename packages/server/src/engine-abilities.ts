import {
  type Engine,
  HeadcountError,
  type HistoryOptions,
  recordedTopics,
  shownTransitions,
  type TopicRules,
  type TransitionReceiver,
} from '@headcount/core'

/** @throws {HeadcountError} `bad_option` if the engine does not record transitions. */
export function receiverOf(
  webhooks: TransitionReceiver | undefined,
  engine: Engine,
  topics: TopicRules,
): TransitionReceiver | undefined {
  if (webhooks === undefined) return undefined
  if ('transitions' in engine) return shownTransitions(webhooks, topics)
  throw new HeadcountError('bad_option', 'webhooks: expected an engine that records transitions, got another')
}

/**
 * The histories to record; undefined for none.
 * @throws {HeadcountError} `bad_option` if there are some, and the engine cannot record them.
 */
export function historyOf(engine: Engine, topics: TopicRules, maxTopics: number): HistoryOptions | undefined {
  const history = recordedTopics(topics, maxTopics)
  if (history === undefined || engine.history !== undefined) return history
  const expected = 'expected an engine that records histories, or patterns without one'
  throw new HeadcountError('bad_option', `engine: ${expected}, got an engine that does not`)
}
