import { ProtocolError } from './error.js'

/** Versions of the protocol: in 1 messages are objects, in 2 arrays. */
export type Vsn = 1 | 2

/** Identifies a request or a join. The stock client sends strings, others may send numbers, of any size. */
export type Ref = string | number | bigint | null

/** One message of Phoenix Channels, of either version. */
export interface Message {
  readonly joinRef: Ref
  readonly ref: Ref
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

/** Longest ref and join_ref, in UTF-16 units: what a binary push of Phoenix has room for. */
export const maxRefLength = 255

/**
 * The version that a `vsn` parameter requests; version 1 without one, as in Phoenix. Patch versions (`2.0.7`) are
 * accepted; undefined for any other.
 */
export function parseVsn(vsn: string | undefined): Vsn | undefined {
  if (vsn === undefined) return 1
  const major = /^([12])\.0\.\d{1,9}$/.exec(vsn)?.[1]
  return major === '1' ? 1 : major === '2' ? 2 : undefined
}

/** Decodes one text or binary message. @throws {ProtocolError} if it is not a Phoenix message of that version. */
export function decode(vsn: Vsn, data: string | Uint8Array): Message {
  if (typeof data !== 'string') {
    if (vsn === 1) throw invalidBinary('text frames in version 1', 'a binary frame')
    return decodeBinary(data)
  }
  const parsed = parse(data)
  return vsn === 2 ? decodeArray(parsed, data) : decodeObject(parsed, data)
}

/** Where the text of a message has the digits of refs that are whole numbers. */
const digits = {
  array: { joinRef: /^\s*\[\s*(-?\d+)/, ref: /^\s*\[\s*(?:"(?:[^"\\]|\\.)*"|[^",\s]+)\s*,\s*(-?\d+)/ },
  object: { joinRef: /"join_ref"\s*:\s*(-?\d+)/, ref: /"ref"\s*:\s*(-?\d+)/ },
}

/** A ref as it was written: a double does not hold `1764255813000000123`, the time in ns, which some clients send. */
function exact(ref: unknown, text: string, pattern: RegExp): unknown {
  if (typeof ref !== 'number' || Number.isSafeInteger(ref)) return ref
  const found = pattern.exec(text)?.[1] ?? ''
  return Number(found) === ref && found.length <= maxRefLength ? BigInt(found) : ref
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProtocolError('not_utf8_json', 'expected a JSON frame, got text that is not JSON')
  }
}

function decodeArray(frame: unknown, text: string): Message {
  if (!Array.isArray(frame) || frame.length < 5) {
    const got = Array.isArray(frame) ? `an array of ${frame.length}` : kindOf(frame)
    throw new ProtocolError('not_a_frame', `expected [join_ref, ref, topic, event, payload], got ${got}`)
  }
  const joinRef = exact(frame[0], text, digits.array.joinRef)
  return messageOf(joinRef, exact(frame[1], text, digits.array.ref), frame[2], frame[3], frame[4])
}

function decodeObject(frame: unknown, text: string): Message {
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) {
    throw new ProtocolError('not_a_frame', `expected {topic, event, payload, ref}, got ${kindOf(frame)}`)
  }
  for (const key of ['topic', 'event', 'payload', 'ref']) {
    if (!Object.hasOwn(frame, key)) {
      throw new ProtocolError('not_a_frame', `expected {topic, event, payload, ref}, got no ${key}`)
    }
  }
  const { topic, event, payload, ref, join_ref } = frame as Record<string, unknown>
  const joinRef = exact(join_ref ?? null, text, digits.object.joinRef)
  return messageOf(joinRef, exact(ref, text, digits.object.ref), topic, event, payload)
}

function messageOf(joinRef: unknown, ref: unknown, topic: unknown, event: unknown, payload: unknown): Message {
  if (!isRef(joinRef)) throw unexpected('join_ref as a short string, a number or null', joinRef)
  if (!isRef(ref)) throw unexpected('ref as a short string, a number or null', ref)
  if (typeof topic !== 'string') throw unexpected('topic as a string', topic)
  if (typeof event !== 'string') throw unexpected('event as a string', event)
  return { joinRef, ref, topic, event, payload }
}

function unexpected(expected: string, value: unknown): ProtocolError {
  return new ProtocolError('not_a_frame', `expected ${expected}, got ${kindOf(value)}`)
}

function isRef(ref: unknown): ref is Ref {
  if (typeof ref === 'string') return ref.length <= maxRefLength
  return ref === null || Number.isFinite(ref) || typeof ref === 'bigint'
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return value.length > maxRefLength ? 'a long string' : 'a string'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const push = 0

/**
 * The binary push of version 2: the lengths of join_ref, ref, topic and event, one byte each, then these four, then
 * the payload, which remains bytes.
 */
function decodeBinary(data: Uint8Array): Message {
  const [kind, ...sizes] = data.subarray(0, 5)
  if (kind !== push || sizes.length < 4) throw invalidBinary('a binary push of Phoenix version 2', 'other bytes')
  let at = 5
  const [joinRef, ref, topic, event] = sizes.map((size) => {
    const start = at
    at += size
    if (at > data.length) throw invalidBinary(`${at} bytes in a binary push`, String(data.length))
    return utf8Text(data.subarray(start, at))
  }) as [string, string, string, string]
  return { joinRef: joinRef || null, ref: ref || null, topic, event, payload: data.subarray(at) }
}

/** Created when a server first uses it: clients load this, and old versions of React Native and jsdom have none. */
let utf8: TextDecoder | undefined

function utf8Text(bytes: Uint8Array): string {
  utf8 ??= new TextDecoder('utf-8', { fatal: true })
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalidBinary('UTF-8 names in a binary push', 'other bytes')
  }
}

function invalidBinary(expected: string, got: string): ProtocolError {
  return new ProtocolError('unsupported_binary', `expected ${expected}, got ${got}`)
}
