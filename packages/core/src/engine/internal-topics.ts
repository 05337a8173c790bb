import type { Topic } from './engine.js'

/** Prefix of the topics that servers use themselves. No client may join or read them. */
const prefix = '\0'

export function internalTopic(name: string): Topic {
  return prefix + name
}

export function isInternal(topic: Topic): boolean {
  return topic.startsWith(prefix)
}
