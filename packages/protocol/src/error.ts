export type ProtocolErrorCode = 'not_utf8_json' | 'not_a_frame' | 'unsupported_binary'

/** Data that is not a Phoenix message. The message states what was expected and what came, without quoting it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
  ) {
    super(message)
  }
}
