import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const [algorithm, ivBytes, tagBytes] = ['aes-256-gcm', 12, 16] as const

/**
 * Encrypts a value for those who know a key (32 bytes in base64url).
 * @param about what the value belongs to: it can only be opened together with it.
 */
export function seal(key: string, about: string, value: unknown): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, Buffer.from(key, 'base64url'), iv).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

/** The value; undefined where it was sealed with another key, or about something else. */
export function open(key: string, about: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const iv = bytes.subarray(0, ivBytes)
    const decipher = createDecipheriv(algorithm, Buffer.from(key, 'base64url'), iv).setAAD(Buffer.from(about))
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    return JSON.parse(`${decipher.update(bytes.subarray(ivBytes + tagBytes))}${decipher.final()}`)
  } catch {
    return undefined
  }
}
