import type { Duplex } from 'node:stream'

/** Why a request is given no socket. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 503
  readonly code: string
  readonly message: string
}

/** Answers, and holds nothing open for a client that does not hang up. */
export function refuse(stream: Duplex, { status, code, message }: Refusal): void {
  if (stream.destroyed) return
  const body = JSON.stringify({ error: { code, message } })
  const reason = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' }[status]
  stream.on('error', () => {}).once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
