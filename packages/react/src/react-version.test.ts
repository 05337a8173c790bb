import { version } from 'react'
import { version as domVersion } from 'react-dom'
import { expect, test } from 'vitest'

test('these tests run on the React that was asked for, one and the same all through', () => {
  expect(version).toMatch(new RegExp(`^${process.env.REACT ?? 19}\\.`))
  expect(domVersion).toBe(version)
})
