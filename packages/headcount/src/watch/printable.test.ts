import { expect, test } from 'vitest'
import { printable } from './printable.js'

test('controls of a terminal are escaped: C0, C1, line separators and directions of text', () => {
  expect(printable('\x1b[2J\x07\r\n\t')).toBe('\\u001b[2J\\u0007\\u000d\\u000a\\u0009')
  expect(printable('\x7f\x80\x9b31m\x9f')).toBe('\\u007f\\u0080\\u009b31m\\u009f')
  expect(printable('a\u2028b\u2029c')).toBe('a\\u2028b\\u2029c')
  expect(printable('\u061c\u200e\u200f\u202a\u202e\u2066\u2069')).toBe(
    '\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069',
  )
})

test('other text does not change', () => {
  const text = 'Vidéo: 視頻 "1" \\ مرحبا 👩‍💻'
  expect(printable(text)).toBe(text)
})

test('escaped JSON is the same JSON', () => {
  const value = { topic: '\x00\x85\u202e' }
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value)
})
