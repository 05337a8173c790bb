import { afterEach, expect, test, vi } from 'vitest'
import { storedClientId } from './client-id.js'

afterEach(() => vi.unstubAllGlobals())

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>()
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) }
}

test('all pages of a browser share one id', () => {
  vi.stubGlobal('localStorage', storage())
  const id = storedClientId()
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(storedClientId()).toBe(id)
  vi.stubGlobal('localStorage', storage())
  expect(storedClientId()).not.toBe(id)
})

test('without storage each page has its own id', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('SecurityError')
    },
  })
  expect(storedClientId()).toMatch(/^[0-9a-f]{32}$/)
  vi.stubGlobal('localStorage', undefined)
  expect(storedClientId()).not.toBe(storedClientId())
})
