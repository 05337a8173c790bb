import { createPublicKey, hkdfSync, X509Certificate } from 'node:crypto'

/** The default key for the hashes of people, derived from the secret that signs tokens. */
export function deriveSecret(tokenSecret: string | readonly string[] | undefined): string | undefined {
  const [newest] = tokenSecret === undefined ? [] : [tokenSecret].flat()
  if (newest === undefined) return undefined
  return Buffer.from(hkdfSync('sha256', newest, '', 'headcount people', 32)).toString('base64url')
}

/**
 * Whether a text is no key in PEM, DER or JSON, in base64 or not: anyone could sign with a public key as a secret.
 * Identity providers show public keys in each of these forms.
 */
export function isSharedSecret(text: string): boolean {
  const decoded = Buffer.from(text, 'base64')
  const isKey = [text, decoded.toString()].some((each) => /^["'\s]*(-----BEGIN |\{\s*")/.test(each))
  return !isKey && !isPublicKey(decoded)
}

function isPublicKey(der: Buffer): boolean {
  const readers = [
    () => createPublicKey({ key: der, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(der),
  ]
  return readers.some((read) => {
    try {
      return read() !== undefined
    } catch {
      return false
    }
  })
}
