export type ClientErrorCode = 'bad_option' | 'bad_address' | 'no_websocket' | 'refused' | 'invalid_token'

/**
 * `createClient` and `topic` throw it with the code `bad_option`. The others are the `error` of a client, which goes on
 * trying: they seldom pass by themselves, unlike a network that is away, which is no error.
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
