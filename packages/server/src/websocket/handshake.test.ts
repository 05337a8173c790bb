import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { handshake } from './handshake.js'

// The key and its response are the example of RFC 6455, 1.3.
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const headers = { upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' }

const respond = (changes: object = {}) =>
  handshake({ method: 'GET', headers: { ...headers, ...changes } } as IncomingMessage)

test('the response to a handshake holds the hash of the key', () => {
  const response = respond()
  expect(response).toMatch(/^HTTP\/1\.1 101 .*[^\n]\r\n\r\n$/s)
  expect(response).toContain('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
  expect(response).not.toContain('Sec-WebSocket-Protocol')
})

test('only the subprotocol phoenix is accepted', () => {
  const offer = (protocols: string) => respond({ 'sec-websocket-protocol': protocols })
  expect(offer('base64url.bearer.phx.abc, phoenix')).toContain('\r\nSec-WebSocket-Protocol: phoenix\r\n')
  expect(offer('soap, phoenixes')).not.toContain('Protocol:')
})
