import { lookup } from 'node:dns'
import { expect, test } from 'vitest'
import { isPublic, lookupPublic } from './addresses.js'

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', '100.64.0.1', '224.0.0.1'],
  ...[
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
  ],
  ...['64:ff9b::7f00:1', '2002:7f00:1::', '::127.0.0.1', '::a00:1', '4000::1', 'fec0::1', 'localhost', ''],
])('%s is not public', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '::ffff:1.1.1.1'])('%s is public', (address) => {
  expect(isPublic(address)).toBe(true)
})

test.each([{ all: true }, { all: false }])('a name of a private address fails, with %j', async (options) => {
  const look = (by: typeof lookup | typeof lookupPublic) =>
    new Promise((resolve) => by('localhost', options as { all: true }, (error, address) => resolve(error ?? address)))
  expect(await look(lookupPublic)).toMatchObject({ name: 'PrivateAddress' })
  expect(await look(lookup)).not.toBeInstanceOf(Error)
})
