import { afterEach, expect, test, vi } from 'vitest'
import { socketUrl, subprotocols } from './address.js'

afterEach(() => vi.unstubAllGlobals())

test.each([
  ['/socket', 'wss://host:8443/socket/websocket?vsn=2.0.0'],
  ['/socket/', 'wss://host:8443/socket/websocket?vsn=2.0.0'],
  ['//other/socket', 'wss://other/socket/websocket?vsn=2.0.0'],
  ['ws://other/socket', 'ws://other/socket/websocket?vsn=2.0.0'],
  ['http://other/socket', 'ws://other/socket/websocket?vsn=2.0.0'],
  ['https://other/socket?tenant=a/b', 'wss://other/socket/websocket?vsn=2.0.0&tenant=a/b'],
])('%s is the WebSocket %s', (url, address) => {
  vi.stubGlobal('location', new URL('https://host:8443/page'))
  expect(socketUrl(url, {})).toBe(address)
})

test('params are encoded', () => {
  expect(socketUrl('ws://host/socket', { app: 'a&b' })).toBe('ws://host/socket/websocket?vsn=2.0.0&app=a%26b')
})

test('a token and a client id are offered as subprotocols, otherwise none', () => {
  expect(subprotocols(null, null)).toEqual([])
  expect(subprotocols('a.b.c', null)).toEqual(['phoenix', 'base64url.bearer.phx.YS5iLmM'])
  expect(subprotocols(null, 'ü?>')).toEqual(['phoenix', 'base64url.client_id.w7w_Pg'])
})
