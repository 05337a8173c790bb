export type ClientErrorCode = 'bad_option'

/**
 * Thrown by `createClient`, or by the first subscription where no WebSocket is available. The message names the option,
 * what was expected and what was given.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  constructor(
    readonly code: ClientErrorCode,
    message: string,
  ) {
    super(message)
  }
}
