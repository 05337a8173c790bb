import { expect, onTestFinished, test, vi } from 'vitest'
import { ClientError, type ClientOptions, createClient } from './index.js'

test.each<[string, ClientOptions, string]>([
  ['a missing url', {} as ClientOptions, 'expected url as "wss://host/socket" or "/socket", got undefined'],
  ['a relative url', { url: 'socket' }, 'expected url as "wss://host/socket" or "/socket", got "socket"'],
  ['an empty client id', { url: '/socket', clientId: '' }, 'expected clientId of 1 to 64 characters, got 0'],
  ['a long client id', { url: '/socket', clientId: 'x'.repeat(65) }, 'expected clientId of 1 to 64 characters, got 65'],
  ['a negative linger', { url: '/socket', linger: -1 }, 'expected linger in ms, 0 or more, got -1'],
])('%s throws an error that names the expected value', (_case, options, message) => {
  expect(() => createClient(options)).toThrow(new ClientError('bad_option', message))
})

test.each(['/socket', 'ws://host/socket', 'wss://host/socket', 'https://host/socket'])('accepts the url %s', (url) => {
  expect(createClient({ url }).status).toBe('idle')
})

test('without a WebSocket, the first subscription throws an error that names the option', () => {
  vi.stubGlobal('WebSocket', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  const topic = createClient({ url: 'ws://127.0.0.1:1/socket' }).topic('lobby')
  const message = 'expected socket.transport, such as the WebSocket class of the package ws, got undefined'
  for (let i = 0; i < 2; i++) expect(() => topic.subscribe(() => {})).toThrow(new ClientError('bad_option', message))
})

test('outside of a page, the first subscription to a url without a host throws an error that names the option', () => {
  const topic = createClient({ url: '/socket', socket: { transport: class {} } }).topic('lobby')
  const message = 'expected url as "wss://host/socket" outside of a page, got "/socket"'
  expect(() => topic.subscribe(() => {})).toThrow(new ClientError('bad_option', message))
})

test.each([undefined, null, '', 7])('the topic %j throws an error, and changes nothing', (name) => {
  const client = createClient({ url: '/socket' })
  expect(() => client.topic(name as string)).toThrow(
    new ClientError('bad_option', `expected the name of a topic, got ${JSON.stringify(name)}`),
  )
  expect(client.status).toBe('idle')
})
