/** A message of a server. Payloads are those of the protocol: counts, a diff or a reply. */
export type Frame = [
  joinRef?: string | null,
  ref?: string | null,
  topic?: string,
  event?: string,
  payload?: object | null,
]

/** The same, as a topic receives it: with a payload, and after its name. */
export type Message = [
  topic: string | undefined,
  event: string | undefined,
  payload: object,
  joinRef: string | null | undefined,
  ref: string | null,
]

/** Reads a text frame of version 2; an empty message for anything else, which only a broken proxy or server sends. */
export function readFrame(data: unknown): Frame {
  try {
    return [...JSON.parse(data as string)] as Frame
  } catch {
    return []
  }
}
