import type { IncomingMessage } from 'node:http'
import { isSocketPath } from '@headcount/protocol'
import { expect, test } from 'vitest'
import { handshake } from './handshake.js'
import { authenticate, readRequest } from './request.js'

// The key and its response are the example of RFC 6455, 1.3.
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const headers = { upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' }

const refuseTokens = async () => ({ kind: 'unchecked' }) as const

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

const rules = {
  authenticate: refuseTokens,
  allowsOrigin: () => true,
  addressOf: () => null,
  refusedOrigin() {},
}

test.each([
  ['a param', '/socket/websocket?client_id=a%20browser', undefined],
  [
    'a subprotocol',
    '/socket/websocket',
    `phoenix, base64url.client_id.${Buffer.from('a browser').toString('base64url')}`,
  ],
])('the client id is read from %s', (_case, url, protocols) => {
  const request = readRequest({ url, headers: { 'sec-websocket-protocol': protocols } } as never, rules)
  expect(request).toMatchObject({ clientId: 'a browser', token: null })
})

test('a session keeps nothing of its request but the client id', () => {
  const sessionOf = (i: number) => {
    const url = `/socket/websocket?client_id=a-client-id-of-some-length-${i}&x=${'y'.repeat(3_000)}`
    const request = readRequest({ url: Buffer.from(url).toString(), headers: {} } as IncomingMessage, rules)
    if ('status' in request) throw new Error(request.message)
    return authenticate(request, rules)
  }
  expect(sessionOf(0)).toEqual({ userId: null, clientId: 'a-client-id-of-some-length-0' })
  gc!()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 5_000 }, (_, i) => sessionOf(i))
  gc!()
  expect((process.memoryUsage().heapUsed - before) / kept.length).toBeLessThan(500)
})

test.each([
  ['/socket/websocket', true],
  ['/socket/websocket?vsn=2.0.0', true],
  ['/socket/websocket/', true],
  ['//socket///websocket//?vsn=2.0.0', true],
  ['/socket/websockets', false],
  ['/socket/websocket/other', false],
  ['/socketwebsocket', false],
  ['/?/socket/websocket', false],
  [undefined, false],
])('%s is the socket path: %s', (url, expected) => {
  expect(isSocketPath(url)).toBe(expected)
})
