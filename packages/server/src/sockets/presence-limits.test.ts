import { expect, test } from 'vitest'
import { counts, TestServer } from '../test/test-server.js'

test('beyond the presences of a user, channels observe: they are sent the counts and add nothing', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 2 } })
  const tabs = Array.from({ length: 4 }, () => server.connect({ userId: '7' }))
  for (const tab of tabs) tab.join('a')
  server.connect({ userId: '8' }).join('a')
  server.connect().join('a')
  await server.clock.advance(1000)
  expect(await server.committed('a')).toEqual(counts(3, 1))
  for (const tab of tabs) expect(tab.counts.get('a')).toEqual(counts(3, 1))
})

test('a place is free again when its channel leaves, and topics have places of their own', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 1 } })
  const [first, second] = [server.connect({ userId: '7' }), server.connect({ userId: '7' })]
  first.join('a')
  first.join('b')
  await server.clock.advance(100)
  first.disconnect()
  second.join('a')
  second.join('b')
  await server.clock.advance(1000)
  expect(await server.committed('a')).toEqual(counts(1, 0))
  expect(await server.committed('b')).toEqual(counts(1, 0))
})

test('the presences of an address are limited for users and viewers together', async () => {
  const server = await TestServer.open({ limits: { presencesPerAddress: 3 } })
  for (let i = 0; i < 3; i++) server.connect({ userId: String(i) }, 2, '192.0.2.1').join('a')
  for (let i = 0; i < 3; i++) server.connect({}, 2, '192.0.2.1').join('a')
  for (let i = 0; i < 3; i++) server.connect({}, 2, '192.0.2.2').join('a')
  await server.clock.advance(1000)
  expect(await server.committed('a')).toEqual(counts(3, 3))
})

test('without a limit every channel counts', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 0, presencesPerAddress: 0 } })
  for (let i = 0; i < 200; i++) server.connect({ userId: '7' }, 2, '192.0.2.1').join('a')
  await server.clock.advance(1000)
  expect(await server.committed('a')).toEqual(counts(200, 0))
})

test('a second join of a topic on one socket keeps the place', async () => {
  const server = await TestServer.open({ limits: { presencesPerUser: 1 } })
  const ada = server.connect({ userId: '7' })
  ada.join('a')
  ada.join('a')
  await server.clock.advance(1000)
  expect(await server.committed('a')).toEqual(counts(1, 0))
})
