import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ignoreErrors } from './stream-callbacks.js'

/** Why an upgrade request is refused. `message` holds nothing that the client sent. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 503
  readonly code: string
  readonly message: string
}

/** Answers an upgrade request with an error and closes its connection, even if the client does not. */
export function refuse(stream: Duplex, { status, code, message }: Refusal): void {
  if (stream.destroyed) return
  const body = JSON.stringify({ error: { code, message } })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Sec-WebSocket-Version: 13',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  ignoreErrors(stream).once('finish', () => stream.destroy())
  stream.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
