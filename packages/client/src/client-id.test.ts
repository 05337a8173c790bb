import { afterEach, expect, test, vi } from 'vitest'
import { viewerId } from './viewer-id.js'

afterEach(() => vi.unstubAllGlobals())

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

test('a browser has one id, whichever page asks', () => {
  vi.stubGlobal('localStorage', storage())
  const id = viewerId()
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(viewerId()).toBe(id)
  vi.stubGlobal('localStorage', storage())
  expect(viewerId()).not.toBe(id)
})

test('where nothing can be kept each page has its own', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('SecurityError')
    },
  })
  expect(viewerId()).toMatch(/^[0-9a-f]{32}$/)
  vi.stubGlobal('localStorage', undefined)
  expect(viewerId()).not.toBe(viewerId())
})
