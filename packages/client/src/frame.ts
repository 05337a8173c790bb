import type { Message } from '@headcount/protocol'

/** What the client reads of a message. Payloads are those of the protocol: counts, a diff or a reply. */
export type Received = Omit<Message, 'payload'> & { readonly payload: object }

/** A text frame of version 2; undefined for anything else, which only a broken proxy or server sends. */
export function readFrame(data: unknown): Received | undefined {
  try {
    const [joinRef, ref, topic, event, payload] = JSON.parse(data as string)
    return { joinRef, ref, topic, event, payload: payload ?? {} }
  } catch {
    return undefined
  }
}
