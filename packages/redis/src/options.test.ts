import { expect, test } from 'vitest'
import { RedisEngine } from './engine.js'
import { resolveOptions } from './options.js'

const urls = ['redis://localhost']

test.each([
  [{}, /either a client or urls, got neither/],
  [{ urls, prefix: 'a{b}' }, /prefix without braces/],
  [{ urls, prefix: '' }, /prefix without braces/],
  [{ urls: ['redis://localhost', 'http://user:hunter2@host'] }, /got the protocol http: \(URL 2\)$/],
  [{ urls: ['hunter2'] }, /got an invalid URL \(URL 1\)$/],
  [{ urls: ['redis:///2'] }, /^expected a host, as in redis:\/\/host:6379, got none \(URL 1\)$/],
  ...['redis://host?db=2', 'redis://ann#1:hunter2@host', 'redis://host/two', 'redis://host/1/2'].map(
    (url): [object, RegExp] => [{ urls: [url] }, /^expected only a database after the host, .* \(URL 1\)$/],
  ),
  [undefined, /^expected a client or options, got undefined$/],
  ['redis://:hunter2@host', /^expected a client or options, got string$/],
  [{ urls: 'redis://:hunter2@host' }, /^expected urls as a list, got string$/],
  [{ client: Promise.resolve() }, /got a promise of one: await it$/],
])('options %j are rejected, without the password', (options, message) => {
  expect(() => resolveOptions(options as never)).toThrow(message)
  expect(() => resolveOptions(options as never)).toThrow(expect.objectContaining({ code: 'bad_option' }))
})

test('a lease of less than 100 ms is rejected', async () => {
  const opening = new RedisEngine(resolveOptions({ urls })).open('r', { groups: 2, lease: 5, changed: () => {} })
  await expect(opening).rejects.toThrow('expected a lease of 100 ms or more, got 5')
})
