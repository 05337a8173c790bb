import { expect, test } from 'vitest'
import { crowdAddress } from './address.js'
import { targetOf } from './target.js'

test.each([
  ['ws://127.0.0.1:4000', 'ws://127.0.0.1:4000/'],
  ['http://localhost:4000', 'ws://localhost:4000/'],
  ['https://127.9.8.7', 'wss://127.9.8.7/'],
  ['ws://[::1]:4000/live', 'ws://[::1]:4000/live'],
])('%s is on this machine', (given, address) => {
  expect(crowdAddress(given, false)).toBe(address)
})

test('another machine is allowed where it is asked for', () => {
  expect(() => crowdAddress('wss://example.com', false)).toThrow('expected an address of this machine')
  expect(crowdAddress('wss://example.com', true)).toBe('wss://example.com/')
})

test.each([
  ['ws://127.0.0.1:4000/', 'ws://127.0.0.1:4000/socket/websocket?vsn=2.0.0'],
  ['wss://example.com/live', 'wss://example.com/live/websocket?vsn=2.0.0'],
  ['wss://example.com/live/?a=b', 'wss://example.com/live/websocket?a=b&vsn=2.0.0'],
])('the endpoint of %s is %s', (server, url) => {
  expect(targetOf(server, undefined)).toEqual({ url, protocols: ['phoenix'] })
})
