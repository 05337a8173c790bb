import { createHmac } from 'node:crypto'
import type { PersonKey, Topic } from '../engine/engine.js'

/** What kind of id a key is made of: a user's 7 and a client's 7 are two. */
export type IdKind = 'user' | 'client'

/** Makes the key that a person has in one topic. */
export type PersonKeys = (topic: Topic, kind: IdKind, id: string) => PersonKey

/** 128 bits: enough that two people never meet, half of what would be stored whole. */
const keyBytes = 16

/**
 * Keys of people: HMAC-SHA256 of (secret, topic, id), 22 characters of base64url. One person has another key in every
 * topic, so nobody who reads keys can follow a person from topic to topic.
 */
export function personKeys(secret: string | Uint8Array): PersonKeys {
  return (topic, kind, id) =>
    createHmac('sha256', secret)
      .update(`${kind}:${Buffer.byteLength(topic)}:${topic}:${id}`)
      .digest()
      .toString('base64url', 0, keyBytes)
}
