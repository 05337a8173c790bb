import { createHmac } from 'node:crypto'
import type { PersonKey, Topic } from '../engine/engine.js'

/** The kind of id that a key is made from: user 7 and client 7 are two people. */
export type IdKind = 'user' | 'client' | 'connection'

/** Returns the key of a person in one topic. */
export type PersonKeys = (topic: Topic, kind: IdKind, id: string) => PersonKey

/** 128 bits: enough to make a collision unlikely, at half the storage of the whole HMAC. */
const keyBytes = 16

/**
 * Makes person keys: HMAC-SHA256 of (secret, topic, id), 22 characters of base64url. A person has a different key in
 * every topic, so keys cannot link a person across topics.
 */
export function personKeys(secret: string | Uint8Array): PersonKeys {
  return (topic, kind, id) =>
    createHmac('sha256', secret)
      .update(`${kind}:${Buffer.byteLength(topic)}:${topic}:${id}`)
      .digest()
      .toString('base64url', 0, keyBytes)
}
