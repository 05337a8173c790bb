import { HeadcountError } from '@headcount/core'

/** So many simulated people of each kind. */
export interface CrowdSize {
  /** Who came without signing in. */
  readonly viewers: number
  /** Who came signed in, each as somebody else. */
  readonly users: number
}

/** Most sockets of one crowd. */
export const maxCrowd = 5_000

/** @throws {HeadcountError} `bad_option` where it is no size, or too large a one. */
export function checkSize({ viewers, users }: CrowdSize): CrowdSize {
  for (const [name, count] of Object.entries({ viewers, users })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new HeadcountError('bad_option', `crowd ${name}: expected a whole number from 0, got ${count}`)
    }
  }
  if (viewers + users > maxCrowd) {
    throw new HeadcountError(
      'bad_option',
      `crowd: expected at most ${maxCrowd} viewers and users in all, got ${viewers + users}`,
    )
  }
  return { viewers, users }
}
