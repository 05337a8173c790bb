import { isMissing } from './auth/token.js'

/** Longest client id, in characters. */
export const maxClientId = 64

/**
 * Reads the parameter `client_id`, by which a viewer counts once where people are counted.
 * @returns null if there is none; undefined if it is longer than 64 characters.
 */
export function readClientId(given: string | null | undefined): string | null | undefined {
  if (given == null || isMissing(given)) return null
  // A copy, because a slice would keep the whole URL in memory.
  return [...given].length > maxClientId ? undefined : Buffer.from(given).toString()
}
