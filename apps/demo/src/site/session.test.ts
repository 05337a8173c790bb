import { beforeEach, expect, test } from 'vitest'
import { createSession } from './session.js'

let status = 200
let issued = 0
let stored: Map<string, string>

/** Answers like the server: with a numbered token for the user of this name, or for a new one. */
const fetch = async (_: unknown, init?: RequestInit) => {
  const { name = 'Ida' } = JSON.parse(String(init?.body)) as { name?: string }
  return Response.json({ token: `${name}-${++issued}`, name }, { status })
}
/** The session of a page that has just loaded in the tab. */
const session = () =>
  createSession(fetch, {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  } as Storage)

beforeEach(() => {
  status = 200
  issued = 0
  stored = new Map()
})

test('a visitor has no token until they sign in, and none after they sign out', async () => {
  const visitor = session()
  expect(await visitor.token()).toBeNull()
  await visitor.signIn()
  expect(visitor.name).toBe('Ida')
  expect(await visitor.token()).toMatch(/^Ida-/)
  visitor.signOut()
  expect(visitor.name).toBeNull()
  expect(await visitor.token()).toBeNull()
})

test('a user who reloads the page stays the same user and gets a fresh token', async () => {
  await session().signIn()
  const first = await session().token()
  const second = await session().token()
  expect([first, second]).toEqual(['Ida-2', 'Ida-3'])
})

test('a refused sign-in throws and leaves the visitor signed out', async () => {
  status = 500
  const visitor = session()
  await expect(visitor.signIn()).rejects.toThrow('500')
  expect(visitor.name).toBeNull()
})
