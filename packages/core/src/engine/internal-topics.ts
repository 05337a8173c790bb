import type { Topic } from './engine.js'

/** Topics of the servers themselves begin with it. No client may join or read them. */
const prefix = '\0'

export function internalTopic(name: string): Topic {
  return prefix + name
}

export function isInternal(topic: Topic): boolean {
  return topic.startsWith(prefix)
}
