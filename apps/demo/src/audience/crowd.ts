/** So many users and so many viewers. */
export interface People {
  readonly users: number
  readonly viewers: number
}

/** The largest crowd the page asks for. */
export const largest = 500

export function sizeOf({ users, viewers }: People): number {
  return users + viewers
}

/** A crowd of `size` of whom `share` percent are signed in, in whole people. */
export function split(size: number, share: number): People {
  const users = Math.round((size * share) / 100)
  return { users, viewers: size - users }
}

/** The share of signed-in people in percent; `fallback` for an empty crowd, which has none. */
export function shareOf(people: People, fallback: number): number {
  const size = sizeOf(people)
  return size === 0 ? fallback : Math.round((people.users / size) * 100)
}
