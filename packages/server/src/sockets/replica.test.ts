import type { Change, Engine } from '@headcount/core'
import { MemoryCluster } from '@headcount/core'
import { describe, expect, test } from 'vitest'
import { counts, TestServer } from '../test/test-server.js'

describe('flushes', () => {
  test('the first change of a quiet topic is sent at once', async () => {
    const server = await TestServer.open()
    const ada = server.joining('video:1')
    await server.clock.advance(0)
    expect(ada.events('presence_diff')).toHaveLength(1)
    expect(ada.counts.get('video:1')).toEqual(counts(0, 1))
  })

  test('a busy topic is flushed once per interval, and the last change is sent too', async () => {
    const server = await TestServer.open()
    const watcher = server.joining('video:1', { observe: true })
    await server.clock.advance(1000)
    for (let i = 0; i < 100; i++) {
      server.connect().join('video:1')
      await server.clock.advance(10)
    }
    await server.clock.advance(100)
    const diffs = watcher.events('presence_diff').length
    expect(diffs).toBeGreaterThanOrEqual(18)
    expect(diffs).toBeLessThanOrEqual(22)
    expect(watcher.counts.get('video:1')).toEqual(counts(0, 100))
  })

  test('a storm of N joins costs N x flushes frames, not N x N', async () => {
    const server = await TestServer.open({ flush: { framesPerSecond: 5000 } })
    const clients = []
    for (let i = 0; i < 1000; i++) {
      clients.push(server.joining('video:1'))
      if (i % 5 === 4) await server.clock.advance(10)
    }
    await server.clock.advance(3000)
    const frames = clients.reduce((sum, client) => sum + client.received.length, 0)
    // 2 s of storm at 5,000 frames per second, a reply and a state for each client, and the last flush.
    expect(frames).toBeLessThanOrEqual(2 * 5000 + 2 * 1000 + 1000)
    expect(clients.every((client) => client.counts.get('video:1')?.viewers.count === 1000)).toBe(true)
  })

  test('a change that is undone before the flush is not sent', async () => {
    const server = await TestServer.open()
    const watcher = server.joining('video:1')
    await server.clock.advance(1000)
    const other = server.joining('video:1')
    other.leave('video:1')
    await server.clock.advance(1000)
    expect(watcher.events('presence_diff')).toHaveLength(1)
    other.join('video:1')
    await server.clock.advance(10)
    other.leave('video:1')
    await server.clock.advance(10)
    other.join('video:1')
    await server.clock.advance(1000)
    expect(watcher.events('presence_diff')).toHaveLength(2)
  })
})

describe('one write per socket and turn', () => {
  test('holds a reply, a state and a diff', async () => {
    const server = await TestServer.open()
    const ada = server.joining('video:1')
    await server.clock.advance(0)
    expect(ada.received.map(({ event }) => event)).toEqual(['phx_reply', 'presence_state', 'presence_diff'])
    expect(ada.writes).toBe(1)
  })

  test('holds the diffs of several topics', async () => {
    const server = await TestServer.open()
    const ada = server.connect()
    for (let i = 0; i < 10; i++) ada.join(`video:${i}`)
    await server.clock.advance(1000)
    ada.writes = 0
    const bob = server.connect()
    for (let i = 0; i < 10; i++) bob.join(`video:${i}`)
    await server.clock.advance(0)
    expect(ada.events('presence_diff')).toHaveLength(20)
    expect(ada.writes).toBe(1)
  })
})

describe('when the engine fails', () => {
  /** An engine that records its commits and fails on demand. */
  function faultyEngine() {
    const inner = new MemoryCluster().engine()
    const commits: Change[][] = []
    const faults = { unreachable: false, lost: false }
    const engine: Engine = {
      ...inner,
      commit: async (changes) => {
        commits.push([...changes])
        if (faults.unreachable) throw new Error('the cluster is unreachable')
        const result = await inner.commit(changes)
        return faults.lost ? 'lost' : result
      },
    }
    return { engine, commits, faults }
  }

  test('the replica reports it, and commits the missed changes when the engine is reachable again', async () => {
    const { engine, faults } = faultyEngine()
    const server = await TestServer.open({ engine })
    const ada = server.joining('video:1')
    await server.clock.advance(100)
    faults.unreachable = true
    server.connect().join('video:1')
    await server.clock.advance(100)
    expect(server.replica.trouble).toBe('engine unreachable')
    faults.unreachable = false
    await server.clock.advance(2000)
    expect(server.replica.trouble).toBeUndefined()
    expect(ada.counts.get('video:1')).toEqual(counts(0, 2))
  })

  test('the replica retries at a bounded rate', async () => {
    const { engine, faults, commits } = faultyEngine()
    const server = await TestServer.open({ engine })
    await server.clock.advance(100)
    faults.unreachable = true
    commits.length = 0
    for (let i = 0; i < 100; i++) {
      server.connect().join('video:1')
      await server.clock.advance(10)
    }
    expect(commits.length).toBeLessThanOrEqual(12)
  })

  test('the replica commits everything again when the engine has lost it', async () => {
    const { engine, faults, commits } = faultyEngine()
    const server = await TestServer.open({ engine })
    server.connect().join('video:1')
    server.connect().join('video:2')
    await server.clock.advance(100)
    faults.lost = true
    await server.clock.advance(2900)
    expect(commits.length).toBeLessThan(10)
    faults.lost = false
    await server.clock.advance(100)
    expect(commits.at(-1)?.map(({ topic, counts }) => [topic, counts])).toEqual([
      ['video:1', [0, 1]],
      ['video:2', [0, 1]],
    ])
  })

  test('the lease is renewed several times while nothing changes, until the server stops', async () => {
    const { engine, commits } = faultyEngine()
    const server = await TestServer.open({ engine })
    await server.clock.advance(30_000)
    expect(commits.length).toBeGreaterThanOrEqual(11)
    expect(commits.every((changes) => changes.length === 0)).toBe(true)
    await server.stop()
    expect(server.clock.timers).toBe(0)
  })
})

test('a stale response to a cancelled watch does not change the counts', async () => {
  const inner = new MemoryCluster().engine()
  const responses: (() => void)[] = []
  const engine: Engine = {
    ...inner,
    watch: async (topic) => {
      const totals = await inner.watch(topic)
      await new Promise<void>((resolve) => responses.push(resolve))
      return totals
    },
  }
  const server = await TestServer.open({ engine })
  const ada = server.joining('video:1')
  ada.leave('video:1')
  await server.clock.advance(1100)
  ada.join('video:1')
  await server.clock.advance(100)
  const [first, second] = responses
  second!()
  await server.clock.advance(100)
  first!()
  await server.clock.advance(1000)
  expect(ada.counts.get('video:1')).toEqual(counts(0, 1))
})
