import { MemoryCluster } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { describe, expect, test } from 'vitest'
import { counts, TestServer, type TestServerOptions } from '../test/test-server.js'
import type { Authenticate } from './session.js'

const topics = (unit: 'connections' | 'people') => [
  { pattern: 'video:*', alsoIn: ['site'] },
  { pattern: 'site', unit },
]

const authenticate: Authenticate = async (userId, clientId) => ({ kind: 'session', session: { userId, clientId } })

async function open(unit: 'connections' | 'people', options: TestServerOptions = {}) {
  const server = await TestServer.open({ topics: topics(unit), authenticate, ...options })
  const watcher = server.joining('site', { observe: true })
  await server.clock.advance(1000)
  const site = async () => {
    await server.clock.advance(1000)
    return watcher.counts.get('site')
  }
  return { server, watcher, site }
}

describe.each(['connections', 'people'] as const)('a roll-up that counts %s', (unit) => {
  test('has the presences of all its sources, and loses them as they leave, observe or close', async () => {
    const { server, watcher, site } = await open(unit)
    const [a, b, c] = [server.connect(), server.connect(), server.connect({ userId: '7' })]
    a.join('video:1')
    b.join('video:2')
    c.join('video:2')
    expect(await site()).toEqual(counts(1, 2))
    a.push('video:1', 'observe', { observe: true })
    expect(await site()).toEqual(counts(1, 1))
    a.push('video:1', 'observe', { observe: false })
    expect(await site()).toEqual(counts(1, 2))
    b.leave('video:2')
    c.disconnect()
    expect(await site()).toEqual(counts(0, 1))
    expect(watcher.wrongDiffs).toEqual([])
  })

  test('a second join of the source counts once, and a join that observes does not count', async () => {
    const { server, site } = await open(unit)
    const client = server.joining('video:1')
    client.join('video:1')
    client.join('video:2', { observe: true })
    expect(await site()).toEqual(counts(0, 1))
  })

  test('a sign-in moves the presence in one diff', async () => {
    const { server, watcher, site } = await open(unit)
    const client = server.joining('video:1')
    await site()
    watcher.received.length = 0
    client.push('phoenix', 'token', { token: 'ada' })
    expect(await site()).toEqual(counts(1, 0))
    expect(watcher.events('presence_diff')).toHaveLength(1)
    expect(await server.committed('video:1')).toEqual(counts(1, 0))
  })

  test('loses the presences of a replica that expires', async () => {
    const cluster = new MemoryCluster()
    const clock = new FakeClock()
    const { server, site } = await open(unit, { engine: cluster.engine(), clock })
    const other = await TestServer.open({ topics: topics(unit), engine: cluster.engine(), clock })
    other.connect().join('video:1')
    server.connect().join('video:2')
    expect(await site()).toEqual(counts(0, 2))
    await other.replica.stop()
    expect(await site()).toEqual(counts(0, 1))
  })
})

test('a socket in two sources is two connections of the roll-up', async () => {
  const { server, site } = await open('connections')
  const client = server.joining('video:1')
  client.join('video:2')
  expect(await site()).toEqual(counts(0, 2))
})

test('where people are counted, a socket without an id is one person in all topics', async () => {
  const { server, watcher, site } = await open('people')
  const client = server.connect()
  for (const topic of ['video:1', 'video:2', 'site']) client.join(topic)
  expect(await site()).toEqual(counts(0, 1))
  client.leave('video:1')
  client.leave('site')
  expect(await site()).toEqual(counts(0, 1))
  client.disconnect()
  expect(await site()).toEqual(counts(0, 0))
  expect(watcher.wrongDiffs).toEqual([])
})

test('the limits of presences apply to the roll-up, and places are freed', async () => {
  const { server, site } = await open('connections', { limits: { presencesPerAddress: 2 } })
  const [first, second] = [server.connect({}, 2, '192.0.2.1'), server.connect({}, 2, '192.0.2.1')]
  for (const topic of ['video:1', 'video:2', 'video:3']) first.join(topic)
  expect(await site()).toEqual(counts(0, 2))
  expect(server.labels.limited).toEqual(['presencesPerAddress'])
  expect(await server.committed('video:3')).toEqual(counts(0, 1))
  first.leave('video:1')
  expect(await site()).toEqual(counts(0, 2))
  first.disconnect()
  expect(await site()).toEqual(counts(0, 0))
  for (const topic of ['video:1', 'video:2', 'video:3']) second.join(topic)
  expect(await site()).toEqual(counts(0, 2))
})

test('a person whose first tab took the place of an address counts for as long as another tab is open', async () => {
  const { server, watcher, site } = await open('people', { limits: { presencesPerAddress: 1 } })
  const tabs = [1, 2].map(() => server.connect({ userId: '7' }, 2, '192.0.2.1'))
  const other = server.connect({ userId: '8' }, 2, '192.0.2.1')
  tabs[0]!.join('video:1')
  tabs[1]!.join('video:2')
  other.join('video:3')
  expect(await site()).toEqual(counts(1, 0))
  watcher.received.length = 0
  tabs[0]!.disconnect()
  expect(await site()).toEqual(counts(1, 0))
  tabs[1]!.disconnect()
  expect(await site()).toEqual(counts(1, 0))
  expect(watcher.events('presence_diff')).toEqual([])
  other.disconnect()
  expect(await site()).toEqual(counts(0, 0))
})
