import type { Change, Engine } from '@headcount/core'
import { MemoryCluster } from '@headcount/core'
import { describe, expect, test } from 'vitest'
import { counts, House } from '../test/test-server.js'

describe('the flush rule', () => {
  test('a quiet topic is told at once', async () => {
    const house = await House.open()
    const ada = house.client()
    ada.join('video:1')
    await house.clock.advance(0)
    expect(ada.events('presence_diff')).toHaveLength(1)
    expect(ada.sums.get('video:1')).toEqual(counts(0, 1))
  })

  test('a busy topic is told once an interval, and of the last change too', async () => {
    const house = await House.open()
    const watcher = house.client()
    watcher.join('video:1', { observe: true })
    await house.clock.advance(1000)
    for (let i = 0; i < 100; i++) {
      house.client().join('video:1')
      await house.clock.advance(10)
    }
    await house.clock.advance(100)
    const told = watcher.events('presence_diff').length
    expect(told).toBeGreaterThanOrEqual(18)
    expect(told).toBeLessThanOrEqual(22)
    expect(watcher.sums.get('video:1')).toEqual(counts(0, 100))
  })

  test('a storm of N joins costs N x flushes frames, not N x N', async () => {
    const house = await House.open({ flush: { framesPerSecond: 5000 } })
    const clients = []
    for (let i = 0; i < 1000; i++) {
      const client = house.client()
      client.join('video:1')
      clients.push(client)
      if (i % 5 === 4) await house.clock.advance(10)
    }
    await house.clock.advance(3000)
    const frames = house.counted.frames_sent
    // 2 s of storm at 5,000 frames a second, a reply and a state each, and the last flush.
    expect(frames).toBeLessThanOrEqual(2 * 5000 + 2 * 1000 + 1000)
    expect(clients.every((client) => client.sums.get('video:1')?.viewers.count === 1000)).toBe(true)
  })

  test('a change that is undone before the flush is told to nobody', async () => {
    const house = await House.open()
    const watcher = house.client()
    watcher.join('video:1')
    await house.clock.advance(1000)
    const other = house.client()
    other.join('video:1')
    other.leave('video:1')
    await house.clock.advance(1000)
    expect(watcher.events('presence_diff')).toHaveLength(1)
  })
})

describe('one write a socket', () => {
  test('reply, state and diff leave together', async () => {
    const house = await House.open()
    const ada = house.client()
    ada.join('video:1')
    await house.clock.advance(0)
    expect(ada.heard.map(({ event }) => event)).toEqual(['phx_reply', 'presence_state', 'presence_diff'])
    expect(ada.writes).toBe(1)
  })

  test('diffs of several topics that are due together leave together', async () => {
    const house = await House.open()
    const ada = house.client()
    for (let i = 0; i < 10; i++) ada.join(`video:${i}`)
    await house.clock.advance(1000)
    ada.writes = 0
    const bob = house.client()
    for (let i = 0; i < 10; i++) bob.join(`video:${i}`)
    await house.clock.advance(0)
    expect(ada.events('presence_diff')).toHaveLength(20)
    expect(ada.writes).toBe(1)
  })
})

describe('a cluster in trouble', () => {
  /** An engine that fails when told to. */
  function flaky(): {
    engine: Engine
    fail: (yes: boolean) => void
    committed: Change[][]
  } {
    const inner = new MemoryCluster().engine()
    const committed: Change[][] = []
    let failing = false
    const engine: Engine = {
      ...inner,
      commit: async (changes) => {
        committed.push([...changes])
        if (failing) throw new Error('the cluster is gone')
        return inner.commit(changes)
      },
    }
    const fail = (yes: boolean): void => {
      failing = yes
    }
    return { engine, fail, committed }
  }

  test('is said, and what it was not told is told when it is back', async () => {
    const { engine, fail } = flaky()
    const house = await House.open({ engine })
    const ada = house.client()
    ada.join('video:1')
    await house.clock.advance(100)
    fail(true)
    house.client().join('video:1')
    await house.clock.advance(100)
    expect(house.replica.trouble).toContain('gone')
    fail(false)
    await house.clock.advance(2000)
    expect(house.replica.trouble).toBeUndefined()
    expect(ada.sums.get('video:1')).toEqual(counts(0, 2))
  })

  test('is not asked for every change', async () => {
    const { engine, fail, committed } = flaky()
    const house = await House.open({ engine })
    await house.clock.advance(100)
    fail(true)
    committed.length = 0
    for (let i = 0; i < 100; i++) {
      house.client().join('video:1')
      await house.clock.advance(10)
    }
    expect(committed.length).toBeLessThanOrEqual(12)
  })

  test('the lease is renewed several times while nothing moves', async () => {
    const { engine, committed } = flaky()
    const house = await House.open({ engine })
    await house.clock.advance(30_000)
    expect(committed.length).toBeGreaterThanOrEqual(11)
    expect(committed.every((changes) => changes.length === 0)).toBe(true)
    await house.replica.stop()
    expect(house.clock.timers).toBe(0)
  })

  test('a cluster that has forgotten the replica is told everything anew', async () => {
    let lost = false
    const inner = new MemoryCluster().engine()
    const said: Change[][] = []
    const engine: Engine = {
      ...inner,
      commit: async (changes) => {
        said.push([...changes])
        await inner.commit(changes)
        return lost ? 'lost' : 'kept'
      },
    }
    const house = await House.open({ engine })
    house.client().join('video:1')
    house.client().join('video:2')
    await house.clock.advance(100)
    lost = true
    await house.clock.advance(2900)
    expect(said.length).toBeLessThan(10)
    lost = false
    await house.clock.advance(100)
    expect(said.at(-1)?.map(({ topic, counts }) => [topic, counts])).toEqual([
      ['video:1', [0, 1]],
      ['video:2', [0, 1]],
    ])
  })
})

test('an answer to a watch that was given up changes nothing of what those see who came back', async () => {
  const inner = new MemoryCluster().engine()
  const answers: (() => void)[] = []
  const engine: Engine = {
    ...inner,
    watch: async (topic) => {
      const totals = await inner.watch(topic)
      await new Promise<void>((resolve) => answers.push(resolve))
      return totals
    },
  }
  const house = await House.open({ engine })
  const ada = house.client()
  ada.join('video:1')
  ada.leave('video:1')
  await house.clock.advance(1100)
  ada.join('video:1')
  await house.clock.advance(100)
  const [first, second] = answers
  second!()
  await house.clock.advance(100)
  first!()
  await house.clock.advance(1000)
  expect(ada.sums.get('video:1')).toEqual(counts(0, 1))
})

test('two replicas of one cluster show their sockets the same whole', async () => {
  const cluster = new MemoryCluster()
  const first = await House.open({ engine: cluster.engine() })
  const second = await House.open({ engine: cluster.engine(), clock: first.clock })
  const ada = first.client({ userId: '7' })
  const bob = second.client()
  ada.join('video:1')
  bob.join('video:1')
  await first.clock.advance(200)
  expect(ada.sums.get('video:1')).toEqual(counts(1, 1))
  expect(bob.sums.get('video:1')).toEqual(counts(1, 1))
  await first.replica.stop()
  await first.clock.advance(200)
  expect(bob.sums.get('video:1')).toEqual(counts(0, 1))
})
