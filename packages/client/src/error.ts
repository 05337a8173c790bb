export type ClientErrorCode = 'bad_option' | 'bad_address' | 'no_websocket' | 'refused' | 'invalid_token' | 'no_token'

/**
 * `createClient` and `topic` throw it with the code `bad_option`. The others are the `error` of a client, which keeps
 * trying. All but `no_token` are seldom temporary, unlike a missing network, which is not an error.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  constructor(
    readonly code: ClientErrorCode,
    message?: string,
  ) {
    super(message)
  }
}
