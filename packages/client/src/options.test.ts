import { expect, test } from 'vitest'
import { ClientError, type ClientOptions, createClient } from './index.js'

test.each<[string, ClientOptions, string]>([
  ['no url', {} as ClientOptions, 'expected url as "wss://host/socket" or "/socket", got undefined'],
  ['a url of no use', { url: 'socket' }, 'expected url as "wss://host/socket" or "/socket", got "socket"'],
  ['an empty id', { url: '/socket', clientId: '' }, 'expected clientId of 1 to 64 characters, got 0'],
  ['a long id', { url: '/socket', clientId: 'x'.repeat(65) }, 'expected clientId of 1 to 64 characters, got 65'],
  ['a negative linger', { url: '/socket', linger: -1 }, 'expected linger in ms, 0 or more, got -1'],
])('%s is an error that says what was expected', (_case, options, message) => {
  expect(() => createClient(options)).toThrow(new ClientError('bad_option', message))
})

test.each(['/socket', 'ws://host/socket', 'wss://host/socket', 'https://host/socket'])('%s is a url', (url) => {
  expect(createClient({ url }).status).toBe('idle')
})
