import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSession } from './session.js'

let server: Server
let status: number
let given: number

beforeEach(async () => {
  status = 200
  given = 0
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      const { name = 'Ida' } = JSON.parse(body) as { name?: string }
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ token: `${name}-${++given}`, name }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => stop())

async function stop(): Promise<void> {
  server.closeAllConnections()
  server.close()
}

/** The storage of one tab. */
function tab(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage
}

function session(storage: Storage) {
  const { port } = server.address() as AddressInfo
  return createSession((path, init) => fetch(new URL(String(path), `http://127.0.0.1:${port}`), init), storage)
}

it('is nobody until it signs in, and nobody again after it signs out', async () => {
  const ours = session(tab())
  expect(await ours.token()).toBeNull()
  expect(await ours.signIn()).toBe(true)
  expect(ours.get().person).toEqual({ name: 'Ida' })
  expect(await ours.token()).toBe('Ida-1')
  ours.signOut()
  expect(ours.get().person).toBeNull()
  expect(await ours.token()).toBeNull()
})

it('asks for a fresh token at each connect after the first, for the same person', async () => {
  const ours = session(tab())
  await ours.signIn()
  expect([await ours.token(), await ours.token(), await ours.token()]).toEqual(['Ida-1', 'Ida-2', 'Ida-3'])
})

it('is the same person after the page has been loaded again', async () => {
  const storage = tab()
  await session(storage).signIn()
  const reloaded = session(storage)
  expect(reloaded.get().person).toEqual({ name: 'Ida' })
  expect(await reloaded.token()).toBe('Ida-2')
})

it('says why it could not sign in', async () => {
  const ours = session(tab())
  let told = 0
  const undo = ours.subscribe(() => told++)
  status = 404
  expect(await ours.signIn()).toBe(false)
  expect(ours.get()).toEqual({ person: null, busy: false, problem: 'Sign-in is off on this server.' })
  status = 500
  await ours.signIn()
  expect(ours.get().problem).toMatch(/did not work/)
  undo()
  const heard = told
  status = 200
  await ours.signIn()
  expect(ours.get().problem).toBeNull()
  expect(told).toBe(heard)
})

it('keeps the last token while the server is away, and has none to give without one', async () => {
  const storage = tab()
  const ours = session(storage)
  await ours.signIn()
  await ours.token()
  const later = session(storage)
  const stranger = session(tab())
  await stop()
  expect(await ours.token()).toBe('Ida-1')
  await expect(later.token()).rejects.toThrow()
  expect(await stranger.signIn()).toBe(false)
  expect(stranger.get().problem).toMatch(/did not answer/)
})

it('is signed out where the server signs nobody in any more', async () => {
  const storage = tab()
  await session(storage).signIn()
  const later = session(storage)
  status = 404
  expect(await later.token()).toBeNull()
  expect(later.get().person).toBeNull()
})
