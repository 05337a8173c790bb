let topics = 0

/** A unique topic in this file: `room:1`, `room:2`, … */
export function newTopic(kind: string): string {
  topics += 1
  return `${kind}:${topics}`
}

/** Returns the items in rotation, so that clients are spread over servers. */
export function rotate<T>(items: () => readonly T[]): () => T {
  let next = 0
  return () => {
    const list = items()
    next += 1
    return list[next % list.length]!
  }
}
