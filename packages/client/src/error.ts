export type ClientErrorCode = 'bad_option'

/** A client that cannot be made as asked. The message says what was expected and what was got. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  constructor(
    readonly code: ClientErrorCode,
    message: string,
  ) {
    super(message)
  }
}
