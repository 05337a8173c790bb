import { randomInt } from 'node:crypto'
import {
  Crowd,
  maskedFrame,
  opcode,
  rawSocket,
  recordedTopics,
  recordings,
  replay,
  storm,
  tokenFor,
  until,
  WireClient,
} from '@headcount/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HeadcountServer, startServer } from '../support/server.mjs'
import { articleApp } from './article-app.js'

const secrets = {
  HEADCOUNT_JWT_SECRET: 'planted-secret-of-tokens-0123456789',
  HEADCOUNT_SECRET: 'planted-secret-of-people-0123456789',
  HEADCOUNT_OPERATOR_KEY: 'planted-operator-key-0123456789',
}
const tokenOf = (user: string) => tokenFor(secrets.HEADCOUNT_JWT_SECRET, user)
const topic = 'my_channel'

describe.each([1, 2])('headcount serve --workers %i, as a process of its own', (workers) => {
  let server: HeadcountServer
  beforeAll(async () => {
    const topics = recordedTopics.flatMap((pattern) => ['--topics', pattern])
    const args = ['--workers', String(workers), '--log-level', 'debug', ...topics]
    server = await startServer(args, secrets)
  })
  afterAll(() => server.kill())

  const empty = () =>
    until('nobody', async () => {
      const { counts } = await (await fetch(`${server.url}/api/counts/${topic}`)).json()
      return counts.users.count + counts.viewers.count === 0
    })

  it.each(['leave-and-rejoin', 'same-topic-twice', 'user-join'])('says what Phoenix said: %s', async (name) => {
    await empty()
    const recording = (await recordings()).find((each) => each.name === name)!
    expect(await replay(recording, { urls: [server.url], tokenOf })).toEqual([])
  })

  it('leaves a storm of clients with exactly the truth', async () => {
    const crowd = await Crowd.start(1)
    const seed = randomInt(2 ** 31)
    const options = { urls: [server.url], crowd, seed, clients: 200, topic: 'video:storm', tokenOf }
    const { truth, sight, told } = await storm(options).finally(() => crowd.stop())
    expect({ seed, ...sight }).toMatchObject({ seed, faults: [], wrong: [] })
    expect(told).toEqual([truth])
  }, 60_000)

  it('outlives a never-reading flood and random bytes within bounds, and nobody else notices', async () => {
    await empty()
    const witness = await (await WireClient.open(server.url)).enter(topic)
    const before = await resident(server)
    const hostile = await Promise.all(Array.from({ length: 20 }, () => rawSocket(server.url)))
    for (const [i, socket] of hostile.entries()) if (i % 2 === 0) socket.pause()
    const flood = Buffer.concat(Array.from({ length: 300 }, () => beat))
    for (let round = 0; round < 400; round++) {
      for (const [i, socket] of hostile.entries()) {
        if (!socket.writableNeedDrain && !socket.destroyed) socket.write(i < 18 ? flood : noise(round))
      }
      await witness.heartbeat()
    }
    // The answers to all that was sent are twice as much.
    expect((await resident(server)) - before).toBeLessThan(150 * 2 ** 20)
    for (const socket of hostile) socket.destroy()
    expect(witness.shown(topic)).toEqual({ users: { count: 0 }, viewers: { count: 1 } })
    expect(witness.faults).toEqual([])
    await witness.close()
    expect(server.child.ended).toBe(false)
  }, 60_000)

  it('drains on SIGTERM: sockets hear 1012, it exits 0, and the stock client comes back to the next one', async () => {
    await empty()
    const page = await articleApp('phoenix', server.url, { params: { token: tokenOf('planted-user-4711') } })
    const tab = page.joinChannel(topic)
    await until('the user', () => tab.shown().users.count === 1)
    const witness = await (await WireClient.open(server.url)).enter(topic)
    await witness.shows(topic, 1, 1)
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect((await witness.closed).code).toBe(1012)
    const said = server.output
    for (const secret of [...Object.values(secrets), 'planted-user', tokenOf('planted-user-4711')]) {
      expect(said).not.toContain(secret)
    }
    await server.start()
    await until('the page to be back', () => page.opened() === 2)
    const late = await (await WireClient.open(server.url)).enter(topic)
    await late.shows(topic, 1, 1)
    await until('the page to show it', () => tab.shown().users.count + tab.shown().viewers.count === 2)
    page.socket.disconnect()
    await late.shows(topic, 0, 1)
    late.drop()
  }, 60_000)
})

/** What one process holds in memory, in bytes; the largest of the workers. */
async function resident(server: HeadcountServer): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const found = [...text.matchAll(/^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)$/gm)]
  expect(found.length).toBeGreaterThan(0)
  return Math.max(...found.map(([, bytes]) => Number(bytes)))
}

/** A heartbeat whose long ref the answer repeats. */
const beat = maskedFrame(opcode.text, `[null,"${'r'.repeat(80)}","phoenix","heartbeat",{}]`)

function noise(round: number): Buffer {
  return Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 31 + round * 17) % 256))
}
