import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.js'

function request(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  return { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage
}

const trusted = ['127.0.0.1', '10.0.0.0/8', 'fd00::/8']

test.each([
  ['without a proxy', '192.0.2.7', undefined, '192.0.2.7'],
  ['from a connection that is not a trusted proxy', '192.0.2.7', '198.51.100.1', '192.0.2.7'],
  ['behind one proxy', '127.0.0.1', '192.0.2.7', '192.0.2.7'],
  ['behind two proxies', '10.0.0.1', '192.0.2.7, 10.9.9.9', '192.0.2.7'],
  ['that the client invented, before its own', '10.0.0.1', '203.0.113.1, 192.0.2.7', '192.0.2.7'],
  ['that a trusted hop did not add', '10.0.0.1', '203.0.113.1, 192.0.2.7, 10.0.0.2', '192.0.2.7'],
  ['of a request from a proxy itself', '10.0.0.1', undefined, '10.0.0.1'],
  ['with text that is not an address', '10.0.0.1', '192.0.2.7, unknown', '10.0.0.1'],
  ['with a port', '10.0.0.1', '192.0.2.7:4711', '192.0.2.7'],
  ['IPv4 in IPv6', '::ffff:10.0.0.1', '::ffff:192.0.2.7', '192.0.2.7'],
  ['IPv4 in IPv6, in hexadecimal', '10.0.0.1', '0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
  ['IPv4 that a gateway translated', '64:ff9b::c000:207', undefined, '192.0.2.7'],
  ['IPv4 of a trusted proxy that a gateway translated', '64:ff9b::10.0.0.1', '192.0.2.7', '192.0.2.7'],
  ['IPv6, as a network', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['IPv6 with omitted zeros', '2001:db8::6', undefined, '2001:db8:0:0::/64'],
  ['IPv6 behind an IPv6 proxy, with a port', 'fd00::1', '[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
  ['IPv6 with a zone', 'fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
  ['of a closed connection', undefined, '192.0.2.7', null],
])('the address %s', (_, remote, forwarded, expected) => {
  expect(clientAddress(trusted)(request(remote, forwarded))).toBe(expected)
})

test.each(['10.0.0.0/33', 'example.com', '10.0.0.0/', '::1/129', '10.0.0/8', '10.0.0.0/8/8'])(
  'a proxy given as %j is refused by name',
  (each) => {
    expect(() => clientAddress([each])).toThrow('trustProxy: expected an address or a network')
  },
)
