import type { Ref } from '@headcount/protocol'

/** A Phoenix frame of either version. Frames that the server sends in version 1 have no join_ref: it is null. */
export interface Frame {
  readonly joinRef: Ref
  readonly ref: Ref
  readonly topic: string
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read payloads of every kind
  readonly payload: any
}

export function decode(text: string): Frame {
  return frameOf(JSON.parse(text))
}

/** Reads a frame that is parsed JSON. */
// biome-ignore lint/suspicious/noExplicitAny: parsed JSON
export function frameOf(json: any): Frame {
  if (Array.isArray(json)) {
    const [joinRef, ref, topic, event, payload] = json
    return { joinRef, ref, topic, event, payload }
  }
  const { topic, event, payload, ref } = json
  return { joinRef: null, ref, topic, event, payload }
}

export function encode(vsn: 1 | 2, { joinRef, ref, topic, event, payload }: Frame): string {
  return JSON.stringify(
    vsn === 2 ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: joinRef },
  )
}
