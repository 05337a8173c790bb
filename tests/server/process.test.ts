import {
  maskedFrame,
  opcode,
  rawSocket,
  recordedTopics,
  recordings,
  replay,
  until,
  WireClient,
} from '@headcount/testing'
import { fetchMetrics, operatorKey } from '@headcount/tools/processes/metrics.mjs'
import type { HeadcountServer } from '@headcount/tools/processes/server.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { stockClientsSuite } from '../suites/stock-clients.js'
import { storms } from '../suites/storms.js'
import { phoenixApp } from '../support/phoenix-app.js'
import { allServe, startWorkers } from '../support/workers.js'

const secrets = {
  HEADCOUNT_JWT_SECRET: 'planted-secret-of-tokens-0123456789',
  HEADCOUNT_SECRET: 'planted-secret-of-people-0123456789',
}
const tokenOf = (user: string) => tokenFor(secrets.HEADCOUNT_JWT_SECRET, user)
const topic = 'my_channel'
const all = await recordings()
const some = all.filter(({ name }) => ['leave-and-rejoin', 'same-topic-twice', 'user-join'].includes(name))

describe.each([
  { workers: 1, replayed: some, runs: 1 },
  { workers: 3, replayed: all, runs: 5 },
])('headcount serve --workers $workers', ({ workers, replayed, runs }) => {
  let server: HeadcountServer
  beforeAll(async () => {
    const topics = [...recordedTopics, 'storm:*'].flatMap((pattern) => ['--topics', pattern])
    server = await startWorkers(workers, ['--log-level', 'debug', ...topics], { env: secrets })
  })
  afterEach(() => allServe(server, topic, 0, 0))
  afterAll(() => server.kill())

  it.each(replayed)('sends what Phoenix sent: $title', async (recording) => {
    expect(await replay(recording, { urls: [server.url], tokenOf })).toEqual([])
  })

  stockClientsSuite({ urls: () => [server.url], tokenOf })

  describe('in a storm of 300 clients', () => storms({ urls: () => [server.url], tokenOf, clients: 300, runs }))

  it('has bounded memory under floods by clients that do not read and by random bytes', async () => {
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
  }, 60_000)

  it('drains on SIGTERM with code 1012 and exit code 0, and stock clients reconnect to the next process', async () => {
    const page = await phoenixApp('phoenix', server.url, { params: { token: tokenOf('planted-user-4711') } })
    const channel = page.joinChannel(topic)
    await until('the user', () => channel.shown().users.count === 1)
    const witness = await (await WireClient.open(server.url)).enter(topic)
    await witness.shows(topic, 1, 1)
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect((await witness.closed).code).toBe(1012)
    for (const secret of [...Object.values(secrets), operatorKey, 'planted-user', tokenOf('planted-user-4711')]) {
      expect(server.output).not.toContain(secret)
    }
    await server.start()
    await until('the page to reconnect', () => page.opened() === 2)
    const late = await (await WireClient.open(server.url)).enter(topic)
    await late.shows(topic, 1, 1)
    await until('the page to show both', () => channel.shown().users.count + channel.shown().viewers.count === 2)
    page.socket.disconnect()
    await late.shows(topic, 0, 1)
    late.drop()
  }, 60_000)
})

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
