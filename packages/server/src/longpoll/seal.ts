import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const [algorithm, ivBytes, tagBytes] = ['aes-256-gcm', 12, 16] as const

/**
 * Encrypts a value with a key (32 bytes in base64url).
 * @param about the context of the value, required to decrypt it.
 */
export function seal(key: string, about: string, value: unknown): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, Buffer.from(key, 'base64url'), iv).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

/** The value; undefined if it was sealed with another key or context. */
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
