import type { IncomingMessage } from 'node:http'
import { isSocketPath } from '@headcount/protocol'
import { expect, test } from 'vitest'
import { authenticate, readRequest } from './request.js'

const refuseTokens = async () => ({ kind: 'unchecked' }) as const

const rules = { authenticate: refuseTokens, allowsOrigin: () => true, addressOf: () => null, refusedOrigin() {} }

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

test.each(['', 'undefined', 'null'])('the client id "%s" is none, as for a token', (text) => {
  const offered = `phoenix, base64url.client_id.${Buffer.from(text).toString('base64url')}`
  for (const [url, headers] of [
    [`/socket/websocket?client_id=${text}`, {}],
    ['/socket/websocket', { 'sec-websocket-protocol': offered }],
  ] as const) {
    expect(readRequest({ url, headers } as never, rules)).toMatchObject({ clientId: null })
  }
})

test.each([
  ['vsn', '/socket/websocket?vsn=1.0.0&apikey=k&vsn=2.0.0', { vsn: 2 }],
  ['token', '/socket/websocket?token=old&vsn=2.0.0&token=new', { token: 'new' }],
  ['token that is empty', '/socket/longpoll?token=old&token=', { token: null }],
  ['client_id', '/socket/websocket?client_id=a&client_id=b', { clientId: 'b' }],
])('of a repeated parameter the last counts, as in Phoenix: %s', (_case, url, expected) => {
  expect(readRequest({ url, headers: {} } as IncomingMessage, rules)).toMatchObject(expected)
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
  ['http://a.example:4000/socket/websocket?vsn=2.0.0', true],
  ['HTTPS://a.example/socket/websocket', true],
  ['http://a.example/other/socket/websocket', false],
  ['http://a.example?/socket/websocket', false],
  [undefined, false],
])('%s is the socket path: %s', (url, expected) => {
  expect(isSocketPath(url)).toBe(expected)
})
