import { maskedFrame, opcode, rawSocket, recordedTopics, WireClient } from '@headcount/testing'
import { fetchMetrics } from '@headcount/tools/processes/metrics.mjs'
import type { HeadcountServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { replays } from '../suites/replays.js'
import { stockClientsSuite } from '../suites/stock-clients.js'
import { storms } from '../suites/storms.js'
import { allServe, startWorkers } from '../support/workers.js'

const secret = 'a-planted-jwt-secret-of-32-bytes-or-more'
const tokenOf = (user: string) => tokenFor(secret, user)
const topic = 'my_channel'

async function start(workers: number): Promise<HeadcountServer> {
  const topics = [...recordedTopics, 'storm:*'].flatMap((pattern) => ['--topics', pattern])
  return startWorkers(workers, topics, { env: { HEADCOUNT_JWT_SECRET: secret } })
}

// The same suites run against one process in the other files of this folder.
describe('headcount serve --workers 3', () => {
  let server: HeadcountServer
  beforeAll(async () => {
    server = await start(3)
  })
  afterAll(() => server.kill())

  const options = { urls: () => [server.url], tokenOf }
  replays(options)
  stockClientsSuite(options)

  describe('in a storm of 300 clients', () => storms({ ...options, clients: 300, runs: 3 }))

  it('serves zeros once all clients have left', () => allServe(server, topic, 0, 0))
})

it.each([1, 3])(
  'has bounded memory under floods by clients that do not read and by random bytes, with %i workers',
  async (workers) => {
    const server = await start(workers)
    onTestFinished(() => server.kill())
    const witness = await (await WireClient.open(server.url)).enter(topic)
    const before = await residentBytes(server)
    const hostile = await Promise.all(Array.from({ length: 20 }, () => rawSocket(server.url)))
    for (const [i, socket] of hostile.entries()) if (i % 2 === 0) socket.pause()
    const flood = Buffer.concat(Array.from({ length: 300 }, () => longHeartbeat))
    for (let round = 0; round < 400; round++) {
      for (const [i, socket] of hostile.entries()) {
        if (!socket.writableNeedDrain && !socket.destroyed) socket.write(i < 18 ? flood : noise(round))
      }
      await witness.heartbeat()
    }
    // The replies to all frames are twice as many bytes.
    expect((await residentBytes(server)) - before).toBeLessThan(150 * 2 ** 20)
    for (const socket of hostile) socket.destroy()
    expect(witness.shown(topic)).toEqual({ users: { count: 0 }, viewers: { count: 1 } })
    expect(witness.faults).toEqual([])
    await witness.close()
    expect(server.running).toBe(true)
  },
  60_000,
)

/** The resident memory of a process, in bytes; of the largest worker. */
async function residentBytes({ url }: HeadcountServer): Promise<number> {
  const values = (await fetchMetrics(url)).matchAll(/^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)$/gm)
  const bytes = [...values].map(([, value]) => Number(value))
  expect(bytes.length).toBeGreaterThan(0)
  return Math.max(...bytes)
}

/** A heartbeat with a long ref, which the reply repeats. */
const longHeartbeat = maskedFrame(opcode.text, `[null,"${'r'.repeat(80)}","phoenix","heartbeat",{}]`)

function noise(round: number): Buffer {
  return Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 31 + round * 17) % 256))
}
