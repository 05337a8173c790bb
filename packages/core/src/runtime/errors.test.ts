import { expect, test } from 'vitest'
import { errorText } from './errors.js'

test('the text of a failed fetch is that of its cause', async () => {
  const error = await fetch('http://127.0.0.1:2').catch((thrown) => thrown)
  expect(errorText(error)).toBe('connect ECONNREFUSED 127.0.0.1:2')
})

test('an error without a text is reported by its code, or else by its name', () => {
  expect(errorText(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED')
  expect(errorText(new RangeError())).toBe('RangeError')
  expect(errorText('a text')).toBe('a text')
})

test('the cause of any other error is omitted', () => {
  expect(errorText(new Error('not committed', { cause: new Error('planted') }))).toBe('not committed')
})
