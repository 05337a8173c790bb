import { expect, test } from 'vitest'
import { counts, TestServer } from '../test/test-server.js'
import type { Authenticate } from './session.js'

test('beyond the limit of a user, channels observe: they are sent the counts and are not counted', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 2 } })
  const tabs = Array.from({ length: 4 }, () => server.connect({ userId: '7' }))
  for (const tab of tabs) tab.join('a')
  server.connect({ userId: '8' }).join('a')
  server.connect().join('a')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(3, 1))
  for (const tab of tabs) expect(tab.counts.get('a')).toEqual(counts(3, 1))
})

test('a place is free again when its channel leaves, and each topic has separate places', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 1 } })
  const [first, second] = [server.connect({ userId: '7' }), server.connect({ userId: '7' })]
  first.join('a')
  first.join('b')
  await server.clock.advance(100)
  first.disconnect()
  second.join('a')
  second.join('b')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 0))
  expect(await server.committed('b')).toEqual(counts(1, 0))
})

test('a channel without a place takes the next one that is freed, in the same commit', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 1 } })
  const tabs = Array.from({ length: 3 }, () => server.connect({ userId: '7' }))
  const watcher = server.joining('a', { observe: true })
  for (const tab of tabs) tab.join('a')
  await server.clock.advance(1000)
  watcher.received.length = 0
  tabs[1]!.leave('a')
  tabs[0]!.disconnect()
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 0))
  tabs[2]!.push('a', 'observe', { observe: true })
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(0, 0))
  tabs[2]!.push('a', 'observe', { observe: false })
  tabs[1]!.join('a')
  await server.clock.advance(1000)
  tabs[2]!.disconnect()
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 0))
  // One for each `observe`: a place that passes to another channel changes no count.
  expect(watcher.events('presence_diff')).toHaveLength(2)
})

test('a client that signs in keeps its place, ahead of waiting ones', async () => {
  const authenticate: Authenticate = async (userId, clientId) => ({ kind: 'session', session: { userId, clientId } })
  const server = await TestServer.open({ limits: { presencesPerAddress: 1 }, authenticate })
  const [first, second] = [server.connect({}, 2, '192.0.2.1'), server.connect({}, 2, '192.0.2.1')]
  first.join('a')
  second.join('a')
  first.push('phoenix', 'token', { token: 'ada' })
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 0))
  first.disconnect()
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(0, 1))
})

test('where people are counted, the presences of a person share one place', async () => {
  const topics = [{ pattern: 'a', unit: 'people' as const }]
  const server = await TestServer.open({ limits: { presencesPerAddress: 2, presencesPerUser: 1 }, topics })
  const tabs = Array.from({ length: 3 }, () => server.connect({ userId: '7' }, 2, '192.0.2.1'))
  const others = ['x', 'y'].map((clientId) => server.connect({ clientId }, 2, '192.0.2.1'))
  for (const client of [...tabs, ...others]) client.join('a')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 1))
  tabs[0]!.disconnect()
  tabs[1]!.disconnect()
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 1))
  tabs[2]!.disconnect()
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(0, 2))
})

test.each(['address', 'user'])(
  'a channel that two limits delay is counted once both have a place, that of the %s first',
  async (one) => {
    const server = await TestServer.open({ limits: { presencesPerAddress: 1, presencesPerUser: 1 } })
    const [home, work] = ['192.0.2.1', '192.0.2.2']
    const [other, own] = [server.connect({}, 2, home), server.connect({ userId: '7' }, 2, work)]
    for (const client of [other, own, server.connect({ userId: '7' }, 2, home)]) client.join('a')
    expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 1))
    const [first, last] = one === 'address' ? [other, own] : [own, other]
    first.disconnect()
    expect(await server.committed('a', { after: 1000 })).toEqual(one === 'address' ? counts(1, 0) : counts(0, 1))
    last.disconnect()
    expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 0))
  },
)

test('a free place is taken, however many of those that wait for it are delayed by another limit', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 1, presencesPerAddress: 1 } })
  const connect = (userId: string | null, address: string) => {
    const client = server.connect({ userId }, 2, address)
    client.join('a')
    return client
  }
  const users = Array.from({ length: 25 }, (_, i) => `${i}`)
  const first = connect(null, '192.0.2.1')
  for (const user of users) connect(user, '192.0.2.1')
  for (const user of users) connect(user, `198.51.100.${user}`)
  connect(null, '192.0.2.1')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(25, 1))
  first.disconnect()
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(25, 1))
})

test('the presences of an address are limited for users and viewers together', async () => {
  const server = await TestServer.open({ limits: { presencesPerAddress: 3 } })
  for (let i = 0; i < 3; i++) server.connect({ userId: String(i) }, 2, '192.0.2.1').join('a')
  for (let i = 0; i < 3; i++) server.connect({}, 2, '192.0.2.1').join('a')
  for (let i = 0; i < 3; i++) server.connect({}, 2, '192.0.2.2').join('a')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(3, 3))
})

test('without a limit every channel counts', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 0, presencesPerAddress: 0 } })
  for (let i = 0; i < 200; i++) server.connect({ userId: '7' }, 2, '192.0.2.1').join('a')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(200, 0))
})

test('a second join of a topic on one socket keeps the place', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 1 } })
  const ada = server.connect({ userId: '7' })
  ada.join('a')
  ada.join('a')
  expect(await server.committed('a', { after: 1000 })).toEqual(counts(1, 0))
})
