/**
 * The answer to a poll. `200` has messages: a JSON array of texts. `204` has none. `410`: there is no such session, or
 * no longer. `sequence` is that of the next poll.
 */
export type PollAnswer =
  | { readonly status: 200; readonly sequence: number; readonly messages: string }
  | { readonly status: 204; readonly sequence: number }
  | { readonly status: 410 }

/** The status of the answer to a POST: accepted, no such session, or too large. */
export type PushStatus = 200 | 410 | 413

export const gone: PollAnswer = { status: 410 }

/** The body of a POST. `isBatch`: each of its lines is a message. */
export interface Push {
  readonly body: string
  readonly isBatch: boolean
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The messages of a POST: texts, and binary ones, which the stock client sends in base64. */
export function messagesOf({ body, isBatch }: Push): (string | Uint8Array)[] {
  if (!isBatch) return [body]
  const lines = body.split(/\r?\n/).filter((line) => line !== '')
  return lines.map((line) => (base64.test(line) ? Buffer.from(line, 'base64') : line))
}
