import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Refusal, refusal } from '../opening/refusal.js'

/** Appended to a client's key before it is hashed (RFC 6455, 1.3). */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** 16 bytes in base64. */
const keyPattern = /^[A-Za-z0-9+/]{22}==$/

/** The response that completes the handshake (RFC 6455, 4.2), or a refusal. */
export function handshake({ method, headers }: IncomingMessage): string | Refusal {
  const key = headers['sec-websocket-key']
  const protocols = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim())
  if (method !== 'GET') return refusal('method')
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refusal('upgrade')
  if (!key || !keyPattern.test(key)) return refusal('key')
  if (headers['sec-websocket-version'] !== '13') return refusal('version')
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${hash('sha1', key + guid, 'base64')}\r\n` +
    `${protocols?.includes('phoenix') ? 'Sec-WebSocket-Protocol: phoenix\r\n' : ''}\r\n`
  )
}
