import { expect, test } from 'vitest'
import { createHeadcount, type HeadcountOptions } from './headcount.js'

test.each<[HeadcountOptions, RegExp]>([
  [{ lease: Number.NaN }, /^lease: expected a number above 0, got NaN/],
  [{ lease: 0 }, /lease: expected a number above 0, got 0/],
  [{ limits: { frameBytes: -1 } }, /^limits\.frameBytes: expected a number above 0, got -1/],
  [{ flush: { minimum: -1 } }, /^flush\.minimum: expected a number of at least 0, got -1/],
  [{ flush: { share: Number.NaN } }, /^flush\.share: expected a number above 0, got NaN/],
  [{ groups: ['users'] }, /groups: expected two or more names/],
])('%j is refused at once', (options, message) => {
  expect(() => createHeadcount(options)).toThrow(message)
})

test('the shortest flush interval may be none', async () => {
  await createHeadcount({ flush: { minimum: 0 } }).close()
})
