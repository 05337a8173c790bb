import { expect, test } from 'vitest'
import { handshake } from './handshake.js'

// The key and the answer are those of RFC 6455, 1.3.
const headers = {
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

const ask = (given: object = {}, method = 'GET') => handshake({ method, headers: { ...headers, ...given } })

test('a request for a socket is answered with the digest of its key', () => {
  const answer = ask()
  expect(answer).toMatch(/^HTTP\/1\.1 101 /)
  expect(answer).toContain('\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
  expect(answer).not.toContain('Sec-WebSocket-Protocol')
  expect(answer).toMatch(/\r\n\r\n$/)
})

test('of the subprotocols only phoenix is taken', () => {
  expect(ask({ 'sec-websocket-protocol': 'base64url.bearer.phx.abc, phoenix' })).toContain(
    '\r\nSec-WebSocket-Protocol: phoenix\r\n',
  )
  expect(ask({ 'sec-websocket-protocol': 'soap, phoenixes' })).not.toContain('Protocol:')
})

test.each([
  ['method', {}, 'POST'],
  ['upgrade', { upgrade: 'h2c' }, 'GET'],
  ['key', { 'sec-websocket-key': 'short' }, 'GET'],
  ['key', { 'sec-websocket-key': undefined }, 'GET'],
  ['version', { 'sec-websocket-version': '12' }, 'GET'],
])('a request with another %s is refused with 400', (code, given, method) => {
  expect(ask(given, method)).toMatchObject({ status: 400, code })
})
