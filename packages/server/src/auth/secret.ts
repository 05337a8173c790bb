import { hkdfSync } from 'node:crypto'

/** The secret that keys the hashes of people where none is given: another one than the one that signs tokens. */
export function deriveSecret(tokenSecret: string | undefined): Uint8Array | undefined {
  if (tokenSecret === undefined) return undefined
  return new Uint8Array(hkdfSync('sha256', tokenSecret, '', 'headcount people', 32))
}
