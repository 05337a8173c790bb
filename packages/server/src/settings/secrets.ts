import { hkdfSync } from 'node:crypto'

/** The key of the hashes of people, and where it came from: only a random one is not shared with other servers. */
export interface PeopleSecret {
  readonly value: string | Uint8Array
  readonly origin: 'given' | 'derived' | 'random'
}

/** Random bytes, so many. */
export type RandomBytes = (size: number) => Uint8Array

/** The purpose, so that the JWT secret itself keys nothing else. */
const info = 'headcount people keys'

export function peopleSecret(
  given: string | undefined,
  jwtSecret: string | undefined,
  random: RandomBytes,
): PeopleSecret {
  if (given !== undefined) return { value: given, origin: 'given' }
  if (jwtSecret === undefined) return { value: random(32), origin: 'random' }
  return { value: new Uint8Array(hkdfSync('sha256', jwtSecret, '', info, 32)), origin: 'derived' }
}
