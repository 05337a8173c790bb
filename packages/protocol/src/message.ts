import { ProtocolError } from './error.js'

/** Protocol versions: 1 sends objects, 2 sends arrays. */
export type Vsn = 1 | 2

/** What names a request or a join. The stock client sends strings, others may send numbers. */
export type Ref = string | number | null

/** One frame of Phoenix Channels, whichever version carried it. */
export interface Message {
  readonly joinRef: Ref
  readonly ref: Ref
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

/** Longest ref and join_ref, in UTF-16 units: what the binary form of Phoenix can carry. */
export const maxRefLength = 255

/**
 * The version that a `vsn` parameter asks for; none is version 1, as in Phoenix. Patch versions are accepted
 * (`2.0.7`), anything else gives undefined.
 */
export function parseVsn(vsn: string | null | undefined): Vsn | undefined {
  if (vsn === null || vsn === undefined) return 1
  const major = /^([12])\.0\.\d{1,9}$/.exec(vsn)?.[1]
  return major === '1' ? 1 : major === '2' ? 2 : undefined
}

/**
 * Reads one text or binary frame.
 * @throws {ProtocolError} where it is no Phoenix frame of that version.
 */
export function decode(vsn: Vsn, data: string | Uint8Array): Message {
  if (typeof data !== 'string') return vsn === 2 ? decodeBinary(data) : refuseBinary()
  const parsed = parse(data)
  return vsn === 2 ? decodeArray(parsed) : decodeObject(parsed)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProtocolError('not_utf8_json', 'expected a JSON frame, got text that is no JSON')
  }
}

function decodeArray(frame: unknown): Message {
  if (!Array.isArray(frame) || frame.length < 5) {
    const got = Array.isArray(frame) ? `an array of ${frame.length}` : kindOf(frame)
    throw new ProtocolError('not_a_frame', `expected [join_ref, ref, topic, event, payload], got ${got}`)
  }
  return checked(frame[0], frame[1], frame[2], frame[3], frame[4])
}

function decodeObject(frame: unknown): Message {
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) {
    throw new ProtocolError('not_a_frame', `expected {topic, event, payload, ref}, got ${kindOf(frame)}`)
  }
  for (const key of ['topic', 'event', 'payload', 'ref']) {
    if (!Object.hasOwn(frame, key)) {
      throw new ProtocolError('not_a_frame', `expected {topic, event, payload, ref}, got no ${key}`)
    }
  }
  const { topic, event, payload, ref, join_ref } = frame as Record<string, unknown>
  return checked(join_ref ?? null, ref, topic, event, payload)
}

function checked(joinRef: unknown, ref: unknown, topic: unknown, event: unknown, payload: unknown): Message {
  if (!isRef(joinRef))
    throw new ProtocolError(
      'not_a_frame',
      `expected join_ref as a short string, a number or null, got ${kindOf(joinRef)}`,
    )
  if (!isRef(ref))
    throw new ProtocolError('not_a_frame', `expected ref as a short string, a number or null, got ${kindOf(ref)}`)
  if (typeof topic !== 'string')
    throw new ProtocolError('not_a_frame', `expected topic as a string, got ${kindOf(topic)}`)
  if (typeof event !== 'string')
    throw new ProtocolError('not_a_frame', `expected event as a string, got ${kindOf(event)}`)
  return { joinRef, ref, topic, event, payload }
}

function isRef(ref: unknown): ref is Ref {
  return ref === null || (typeof ref === 'string' && ref.length <= maxRefLength) || typeof ref === 'number'
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return value.length > maxRefLength ? 'a long string' : 'a string'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const push = 0

/**
 * Version 2's binary push: sizes of join_ref, ref, topic and event as one byte each, then these four, then the
 * payload, which stays bytes.
 */
function decodeBinary(data: Uint8Array): Message {
  const [kind, joinRefSize, refSize, topicSize, eventSize] = data
  if (
    kind !== push ||
    joinRefSize === undefined ||
    refSize === undefined ||
    topicSize === undefined ||
    eventSize === undefined
  ) {
    throw new ProtocolError('unsupported_binary', 'expected a binary push of Phoenix version 2, got other bytes')
  }
  let at = 5
  const take = (size: number): string => {
    if (at + size > data.length) {
      throw new ProtocolError('unsupported_binary', `expected ${at + size} bytes in a binary push, got ${data.length}`)
    }
    const text = utf8.decode(data.subarray(at, at + size))
    at += size
    return text
  }
  try {
    const joinRef = take(joinRefSize)
    const ref = take(refSize)
    const topic = take(topicSize)
    const event = take(eventSize)
    return { joinRef: joinRef || null, ref: ref || null, topic, event, payload: data.subarray(at) }
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    throw new ProtocolError('unsupported_binary', 'expected UTF-8 names in a binary push, got other bytes')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function refuseBinary(): never {
  throw new ProtocolError('unsupported_binary', 'expected text frames in version 1, got a binary frame')
}
