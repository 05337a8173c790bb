import { expect, test } from 'vitest'
import { wrapped } from './screen.js'

test('a text is wrapped between words, and inside a word that is too long', () => {
  expect(wrapped('name the server with --url', 11)).toEqual(['name the', 'server with', '--url'])
  expect(wrapped('a http://localhost', 6)).toEqual(['a', 'http:/', '/local', 'host'])
  expect(wrapped('', 10)).toEqual([])
})
