import { hkdfSync } from 'node:crypto'

/** The default key for the hashes of people, derived from the secret that signs tokens. */
export function deriveSecret(tokenSecret: string | readonly string[] | undefined): string | undefined {
  const [newest] = tokenSecret === undefined ? [] : [tokenSecret].flat()
  if (newest === undefined) return undefined
  return Buffer.from(hkdfSync('sha256', newest, '', 'headcount people', 32)).toString('base64url')
}

/** Whether a text is neither a key in PEM nor keys in JSON: anyone could sign with a public key as a secret. */
export function isSharedSecret(text: string): boolean {
  return !/^["'\s]*(-----BEGIN |\{\s*")/.test(text)
}
