import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

/** Closes the connection of a response after it; one of HTTP/2 after all its responses. */
export function closeAfter(response: ServerResponse | Http2ServerResponse): void {
  if ('stream' in response) response.stream.session?.close()
  else response.shouldKeepAlive = false
}
