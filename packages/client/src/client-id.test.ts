import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createRandomId } from './client-id.js'

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 23) }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function storage() {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

/** The id of a page with this storage. */
const idOf = (where: 'session' | 'browser') => createRandomId(where, Math.random).get()

test('all pages of a browser share one id, and all pages of a tab another one', () => {
  vi.stubGlobal('localStorage', storage())
  vi.stubGlobal('sessionStorage', storage())
  const id = idOf('browser')
  expect(id).toMatch(/^\d+(-\d+){4}$/)
  expect(idOf('browser')).toBe(id)
  expect(idOf('session')).toBe(idOf('session'))
  expect(idOf('session')).not.toBe(id)
  vi.stubGlobal('localStorage', storage())
  expect(idOf('browser')).not.toBe(id)
})

test('an id is new each day', () => {
  vi.stubGlobal('localStorage', storage())
  const id = createRandomId('browser', Math.random)
  const first = id.get()
  vi.advanceTimersByTime(3_599_999)
  expect(id.get()).toBe(first)
  vi.advanceTimersByTime(1)
  expect(id.get()).not.toBe(first)
})

test('a cleared id is removed from storage, and the next one is new', () => {
  const { items, ...local } = storage()
  vi.stubGlobal('localStorage', local)
  const id = createRandomId('browser', Math.random)
  const first = id.get()
  expect([...items.values()].join()).toContain(first)
  id.clear()
  expect(items.size).toBe(0)
  expect(id.get()).not.toBe(first)
})

test('an id that the visitor deleted, or another page cleared, does not come back', () => {
  const local = storage()
  vi.stubGlobal('localStorage', local)
  const [id, other] = [createRandomId('browser', Math.random), createRandomId('browser', Math.random)]
  const first = id.get()
  expect(other.get()).toBe(first)
  local.items.clear()
  const second = id.get()
  expect(second).not.toBe(first)
  expect(other.get()).toBe(second)
  other.clear()
  expect(id.get()).not.toBe(second)
})

test('pages that clear their id one after another share the next one', () => {
  vi.stubGlobal('localStorage', storage())
  const [id, other] = [createRandomId('browser', Math.random), createRandomId('browser', Math.random)]
  const first = id.get()
  expect(other.get()).toBe(first)
  id.clear()
  const second = id.get()
  other.clear()
  expect([second === first, other.get()]).toEqual([false, second])
})

test('a page can clear an id that it has not used', () => {
  const { items, ...local } = storage()
  vi.stubGlobal('localStorage', local)
  idOf('browser')
  createRandomId('browser', Math.random).clear()
  expect(items.size).toBe(0)
})

test.each([
  [
    'denies storage',
    {
      getItem: () => {
        throw new Error('SecurityError')
      },
    },
  ],
  ['has none', undefined],
])('if the browser %s, each page has its own id', (_case, local) => {
  vi.stubGlobal('localStorage', local)
  const id = createRandomId('browser', Math.random)
  expect(id.get()).toMatch(/^\d+(-\d+){4}$/)
  expect(id.get()).toBe(id.get())
  expect(id.get()).not.toBe(idOf('browser'))
})

test('without crypto the id is made from the random numbers', () => {
  vi.stubGlobal('crypto', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  expect(createRandomId('session', () => 0.5).get()).toEqual(expect.stringMatching(/^\d+(-2147483648){4}$/))
})
