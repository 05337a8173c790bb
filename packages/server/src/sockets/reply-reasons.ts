/** Reasons of replies with an error. docs/ERRORS.md lists them. */
export type ReplyReason =
  | 'unmatched topic'
  | 'unauthorized'
  | 'too many channels joined'
  | 'overloaded'
  | 'invalid token'
  | 'token cannot be checked'
  | 'invalid payload'
  | 'unknown event'

/** The text of a reason: `invalid payload` is followed by what was expected. */
export type ReplyText = Exclude<ReplyReason, 'invalid payload'> | `invalid payload: ${string}`
