let names = 0

/** A topic that no other test of this file has used: `room:1`, `room:2`, … */
export function fresh(kind: string): string {
  names += 1
  return `${kind}:${names}`
}

/** Gives these in turn, for ever: whoever comes next is another one's. */
export function inTurn<T>(all: () => readonly T[]): () => T {
  let next = 0
  return () => {
    const list = all()
    next += 1
    return list[next % list.length]!
  }
}
