import { expect, test } from 'vitest'
import { createScreen, wrapped } from './screen.js'

test('a text is wrapped between words, and inside a word that is too long', () => {
  expect(wrapped('name the server with --url', 11)).toEqual(['name the', 'server with', '--url'])
  expect(wrapped('a http://localhost', 6)).toEqual(['a', 'http:/', '/local', 'host'])
  expect(wrapped('', 10)).toEqual([])
})

test('more lines than a terminal has rows are not drawn, but their number and the note are', () => {
  const written: string[] = []
  const screen = createScreen({ columns: () => 10, rows: () => 6, write: (text) => void written.push(text) })
  screen(['a', 'b', 'c', 'd', 'e'], '')
  screen(['a', 'b', 'c', 'd', 'e', 'f is too long'], '')
  screen(['a', 'b', 'c', 'd', 'e is too long'], 'trying again soon')
  screen(['a is too long'], '')
  expect(written).toEqual([
    '\x1b[Ja\nb\nc\nd\ne\n',
    '\x1b[5A\x1b[Ja\nb\nc\nd\n… 2 more\n',
    '\x1b[5A\x1b[Ja\nb\n… 3 more\ntrying\nagain soon\n',
    '\x1b[5A\x1b[Ja is too …\n',
  ])
})
