export type ProtocolErrorCode = 'not_utf8_json' | 'not_a_frame' | 'unsupported_binary'

/** A frame that is no Phoenix frame. The message says what was expected and what was got, never the data itself. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
  ) {
    super(message)
  }
}
