import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tokenFor } from '@headcount/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allShow, allTell, ask, enter, metric, serve } from './server.js'

const spy = new URL('./spy.mjs', import.meta.url)
const secret = 'a-planted-jwt-secret-of-32-bytes-or-more'
const topic = 'video:1'
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headcount-spy-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('what crosses between workers and primary', () => {
  it('holds keys of people, and no id, token, client id, name or secret', async () => {
    const file = join(folder, 'crossed.jsonl')
    const env = {
      HEADCOUNT_JWT_SECRET: secret,
      HEADCOUNT_SECRET: 'a-planted-people-secret-of-32-bytes',
      HEADCOUNT_OPERATOR_KEY: 'a-planted-operator-key-of-32-bytes',
      NODE_OPTIONS: `--import=${spy.href}`,
      SPY_FILE: file,
    }
    const server = await serve(2, ['--demo', '--unit', 'people', '--grace', '100'], env)
    const good = tokenFor(secret, 'planted-user')
    const tokens = [good, tokenFor(secret, 'planted-other'), `${good}-planted`]
    const clients = []
    for (const token of tokens) clients.push(await enter(server, topic, { token, clientId: 'planted-client' }))
    clients.push(await enter(server, topic, { clientId: 'planted-second' }))
    await allShow(clients, topic, 2, 2)
    await Promise.all(clients.slice(0, 2).map((client) => client.close()))
    await allTell(server, topic, 0, 2)
    await ask(`${server.url}/demo/sign-in`, 'POST', { name: 'Planted Name' })
    await ask(`${server.url}/demo/crowd`, 'POST', { viewers: 2, users: 2 })
    await allTell(server, 'video:42', 2, 2)
    await metric(server, 'headcount_joins_total')
    await server.stop()

    const crossed = await readFile(file, 'utf8')
    // It was listened to where it matters: the keys of people are there.
    expect(crossed).toMatch(/"act":"commit".*"key":"[\w-]{20,}"/)
    expect(crossed).toMatch(/"act":"resize"/)
    expect(crossed).toMatch(/headcount_joins_total/)
    const [, payload, signature] = good.split('.') as [string, string, string]
    for (const text of [secret, payload, signature]) expect(crossed).not.toContain(text)
    expect(crossed).not.toMatch(/planted/i)
    expect(crossed).not.toMatch(/eyJ|demo:/)
  })
})
