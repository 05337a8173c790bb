import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Refusal } from './refusal.js'

/** What a key is answered with (RFC 6455, 1.3). */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** 16 bytes in base64. */
const keyPattern = /^[A-Za-z0-9+/]{22}==$/

/** The answer that makes a socket of a request (RFC 6455, 4.2), or why there is none. */
export function handshake({ method, headers }: IncomingMessage): string | Refusal {
  const key = headers['sec-websocket-key']
  if (method !== 'GET') return refusal('method', `expected GET, got ${method}`)
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return refusal('upgrade', 'expected an upgrade to websocket, got another')
  }
  if (key === undefined || !keyPattern.test(key)) {
    return refusal('key', 'expected Sec-WebSocket-Key with 16 bytes in base64')
  }
  if (headers['sec-websocket-version'] !== '13') return refusal('version', 'expected Sec-WebSocket-Version 13')
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  const protocol = offered.includes('phoenix') ? 'Sec-WebSocket-Protocol: phoenix\r\n' : ''
  const accept = hash('sha1', key + guid, 'base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`
}

function refusal(code: string, message: string): Refusal {
  return { status: 400, code, message }
}
