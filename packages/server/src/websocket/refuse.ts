import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isForNow, type Refusal, retryAfter } from '../opening/refusal.js'

/** Answers an upgrade request with an error and closes its connection, even if the client does not. */
export function refuse(stream: Duplex, { status, code, message }: Refusal): void {
  if (stream.destroyed) return
  const body = JSON.stringify({ error: { code, message } })
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n` +
    `${isForNow(status) ? `Retry-After: ${retryAfter}\r\n` : ''}` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  ignoreErrors(stream).once('finish', () => stream.destroy())
  stream.end(head + body)
}

/** Without a listener for `error`, a lost connection would end the process. The event `close` follows it. */
export function ignoreErrors(stream: Duplex): Duplex {
  return stream.on('error', noop)
}

function noop(): void {}
