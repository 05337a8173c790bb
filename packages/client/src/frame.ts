/** A message of a server. Payloads are those of the protocol: counts, a diff or a reply. */
export type Frame = [
  joinRef?: string | null,
  ref?: string | null,
  topic?: string,
  event?: string,
  payload?: object | null,
]

/** Reads a text frame of version 2; an empty message for anything else, which only a broken proxy or server sends. */
export function readFrame(data: unknown): Frame {
  try {
    return [...JSON.parse(data as string)] as Frame
  } catch {
    return []
  }
}
