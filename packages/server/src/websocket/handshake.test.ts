import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { handshake } from './handshake.js'

// The key and its response are the example of RFC 6455, 1.3.
const headers = {
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

const respond = (changes: object = {}, method = 'GET') =>
  handshake({ method, headers: { ...headers, ...changes } } as IncomingMessage)

test('the response holds the hash of the key', () => {
  const response = respond()
  expect(response).toMatch(/^HTTP\/1\.1 101 /)
  expect(response).toContain('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
  expect(response).not.toContain('Sec-WebSocket-Protocol')
  expect(response).toMatch(/[^\n]\r\n\r\n$/)
})

test('only the subprotocol phoenix is accepted', () => {
  const offer = (protocols: string) => respond({ 'sec-websocket-protocol': protocols })
  expect(offer('base64url.bearer.phx.abc, phoenix')).toContain('\r\nSec-WebSocket-Protocol: phoenix\r\n')
  expect(offer('soap, phoenixes')).not.toContain('Protocol:')
})

test.each([
  ['method', {}, 'POST'],
  ['upgrade', { upgrade: 'h2c' }, 'GET'],
  ['key', { 'sec-websocket-key': 'short' }, 'GET'],
  ['key', { 'sec-websocket-key': undefined }, 'GET'],
  ['version', { 'sec-websocket-version': '12' }, 'GET'],
])('a request with an invalid %s is refused with 400', (code, changes, method) => {
  expect(respond(changes, method)).toMatchObject({ status: 400, code })
})
