import type { Ref } from '@headcount/protocol'

/** A frame of either version, taken apart. Version 1 sends no join_ref: it is null there. */
export interface Heard {
  readonly joinRef: Ref
  readonly ref: Ref
  readonly topic: string
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every kind
  readonly payload: any
}

/** Takes a server's frame apart, whichever version it is of. */
export function read(text: string): Heard {
  return taken(JSON.parse(text))
}

/** The same of a frame that is JSON no more. */
// biome-ignore lint/suspicious/noExplicitAny: it is looked at here and nowhere else
export function taken(frame: any): Heard {
  if (Array.isArray(frame)) {
    const [joinRef, ref, topic, event, payload] = frame
    return { joinRef, ref, topic, event, payload }
  }
  const { topic, event, payload, ref } = frame
  return { joinRef: null, ref, topic, event, payload }
}

/** A client's frame, as the version has it. */
export function write(vsn: 1 | 2, joinRef: Ref, ref: Ref, topic: string, event: string, payload: unknown): string {
  return JSON.stringify(
    vsn === 2 ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: joinRef },
  )
}
