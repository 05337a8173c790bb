import { expect, onTestFinished, test, vi } from 'vitest'
import { ClientError, type ClientOptions, createClient } from './index.js'

test.each<[string, ClientOptions, string]>([
  ['a missing url', {} as ClientOptions, 'url: expected /*|ws:*|wss:*|http:*|https:*, got "undefined"'],
  ['a relative url', { url: 'socket' }, 'url: expected /*|ws:*|wss:*|http:*|https:*, got "socket"'],
  ['an empty client id', { url: '/socket', clientId: '' }, 'clientId: expected .{1,64}, got ""'],
  [
    'a long client id',
    { url: '/socket', clientId: 'x'.repeat(65) },
    `clientId: expected .{1,64}, got "${'x'.repeat(65)}"`,
  ],
  ['an unknown count', { url: '/socket', count: 'seen' as never }, 'count: expected open|visible, got "seen"'],
  ['an unknown tabs', { url: '/socket', tabs: 'two' as never }, 'tabs: expected each|one, got "two"'],
  [
    'a hiddenAfter that is no time',
    { url: '/socket', hiddenAfter: Number.NaN },
    'hiddenAfter: expected [0-9.]+, got null',
  ],
  ['a negative linger', { url: '/socket', linger: -1 }, 'linger: expected [0-9.]+, got -1'],
])('%s throws an error that names the expected value', (_case, options, message) => {
  expect(() => createClient(options)).toThrow(new ClientError('bad_option', message))
})

test.each(['/socket', 'ws://host/socket', 'wss://host/socket', 'https://host/socket'])('accepts the url %s', (url) => {
  expect(createClient({ url }).status).toBe('idle')
})

/** The error of a client that was subscribed to. */
async function errorOf(options: ClientOptions): Promise<ClientError | null> {
  const client = createClient({ random: () => 0.01, ...options })
  onTestFinished(() => client.close())
  client.topic('lobby').subscribe(() => {})
  await expect.poll(() => client.error).not.toBeNull()
  return client.error
}

test('without a WebSocket, the error of the client names the option', async () => {
  vi.stubGlobal('WebSocket', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  const message = 'expected socket.transport'
  expect(await errorOf({ url: 'ws://127.0.0.1:1/socket' })).toEqual(new ClientError('no_websocket', message))
})

test('outside of a page, the error of a client whose url has no host names the option', async () => {
  const message = /^cannot use "\/socket": ReferenceError/
  const error = await errorOf({ url: '/socket', socket: { transport: class {} } })
  expect(error).toMatchObject({ code: 'bad_address', message: expect.stringMatching(message) })
})

test('the url may be a URL object', async () => {
  const opened: string[] = []
  class Recorder {
    constructor(url: string) {
      opened.push(url)
    }
    close() {}
  }
  for (const url of ['ws://host/socket', new URL('ws://host/socket'), { toString: () => 'ws://host/socket' }]) {
    const client = createClient({ url: url as string, socket: { transport: Recorder } })
    client.topic('lobby').subscribe(() => {})
    onTestFinished(() => client.close())
  }
  await expect.poll(() => opened).toEqual(Array(3).fill('ws://host/socket/websocket?vsn=2.0.0'))
})

test('a WebSocket whose constructor throws is retried after a delay, and the error has the reason', async () => {
  let failures = 0
  class Forbidden {
    constructor() {
      failures += 1
      throw new Error('insecure')
    }
  }
  const error = await errorOf({ url: 'ws://host/socket', socket: { transport: Forbidden } })
  expect(error).toMatchObject({ code: 'bad_address', message: expect.stringContaining('insecure') })
  await expect.poll(() => failures).toBeGreaterThan(2)
})

test.each([undefined, null, '', 7])('the topic %j throws an error, and changes nothing', (name) => {
  const client = createClient({ url: '/socket' })
  expect(() => client.topic(name as string)).toThrow(new ClientError('bad_option', 'topic: expected .+, got ""'))
  expect(client.status).toBe('idle')
})

test('a page whose Object.prototype is extended, as by an old library, can create a client', () => {
  onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'extend'))
  Object.assign(Object.prototype, { extend() {} })
  expect(createClient({ url: '/socket' }).topic('lobby', { observe: true }).topic).toBe('lobby')
})
