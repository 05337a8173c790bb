import { WireClient } from '@headcount/testing'
import { startServer } from '@headcount/tools/processes/server.mjs'
import { expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'

const cleanup = cleanups()

test.each([
  ['connections', '--max-old-space-size=64'],
  ['people', '--max-old-space-size=64 --max-semi-space-size=32'],
])('joins are refused before the heap is used up, and other clients are served (%s)', async (unit, flags) => {
  const limits = { topicsPerSocket: 2000, joinsPerSecond: 5000, messagesPerSecond: 5000, bytesPerSecond: 10_000_000 }
  const server = await startServer(['--unit', unit], { config: { limits }, env: { NODE_OPTIONS: flags } })
  cleanup(() => server.kill())
  const clients = await Promise.all(Array.from({ length: 20 }, () => WireClient.open(server.url)))
  cleanup(() => clients.map((client) => client.drop()))
  const statuses: string[] = []
  for (const [i, client] of clients.entries()) {
    const refs = Array.from({ length: 1000 }, (_, j) => client.sendJoin(`${i}:${j}:`.padEnd(250, 'x')))
    for (const ref of refs) statuses.push((await client.reply(ref)).payload.response.reason ?? 'ok')
  }
  expect(new Set(statuses)).toEqual(new Set(['ok', 'overloaded']))
  expect(statuses.filter((status) => status === 'ok').length).toBeGreaterThan(1000)
  expect((await clients[0]!.heartbeat()).payload.status).toBe('ok')
  expect(server.output).toContain('"event":"overloaded","reason":"memory"')
})
