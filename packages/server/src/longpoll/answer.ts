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
