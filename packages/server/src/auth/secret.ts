import { hkdfSync } from 'node:crypto'

/** The key for the hashes of people, derived from the secret that signs tokens, where no other is given. */
export function deriveSecret(tokenSecret: string | undefined): Uint8Array | undefined {
  if (tokenSecret === undefined) return undefined
  return new Uint8Array(hkdfSync('sha256', tokenSecret, '', 'headcount people', 32))
}
