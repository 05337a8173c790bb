import type { Topic } from '../engine/engine.js'
import type { TransitionReceiver } from '../engine/transitions.js'
import type { TopicRules } from './topic-rules.js'

/**
 * The receiver without the topics that it must not receive: those that match no pattern, such as that of the canary,
 * and those with a shield, whose transitions would reveal when a small count changes.
 */
export function shownTransitions(receiver: TransitionReceiver, topics: TopicRules): TransitionReceiver {
  return {
    levels: (topic: Topic) => (topics.match(topic)?.shield === 0 ? receiver.levels(topic) : []),
    start: (transitions) => receiver.start(transitions),
  }
}
