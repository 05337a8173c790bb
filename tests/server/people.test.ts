import { pause, type Running, startHeadcount, tokenFor, WireClient } from '@headcount/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const secret = 'the secret of people, long enough to sign with'
const grace = 600

let server: Running
beforeEach(async () => {
  server = await startHeadcount({
    auth: { secret },
    topics: [
      { pattern: 'room:*', unit: 'people' },
      { pattern: 'held:*', unit: 'people', grace },
    ],
  })
})
afterEach(() => server.stop())

const watch = async (topic: string) => (await WireClient.open(server.url)).enter(topic, { observe: true })
const tab = async (topic: string, who: { token?: string; clientId?: string } = {}) =>
  (await WireClient.open(server.url, who)).enter(topic)

describe('people', () => {
  test('one user on three tabs is one, until the last is closed', async () => {
    const watcher = await watch('room:1')
    const token = tokenFor(secret, '7')
    const tabs = [
      await tab('room:1', { token }),
      await tab('room:1', { token }),
      await tab('room:1', { token }),
    ]
    await watcher.shows('room:1', 1, 0)
    const diffs = watcher.of('room:1', 'presence_diff').length
    await tabs[0]?.close()
    tabs[1]?.drop()
    await watcher.heartbeat()
    expect(watcher.of('room:1', 'presence_diff')).toHaveLength(diffs)
    await tabs[2]?.close()
    await watcher.shows('room:1', 0, 0)
  })

  test("a viewer's three tabs are one; another viewer is another", async () => {
    const watcher = await watch('room:1')
    for (let i = 0; i < 3; i++) await tab('room:1', { clientId: 'one browser' })
    await tab('room:1', { clientId: 'another browser' })
    await watcher.shows('room:1', 0, 2)
  })

  test('without a client id each socket is its own person', async () => {
    const watcher = await watch('room:1')
    await tab('room:1')
    await tab('room:1')
    await watcher.shows('room:1', 0, 2)
  })

  test("a user's 7 and a client's 7 are two", async () => {
    const watcher = await watch('room:1')
    await tab('room:1', { token: tokenFor(secret, '7') })
    await tab('room:1', { clientId: '7' })
    await watcher.shows('room:1', 1, 1)
  })
})

describe('grace', () => {
  test('holds a reload at no change', async () => {
    const watcher = await watch('held:1')
    const before = await tab('held:1', { clientId: 'a browser' })
    await watcher.shows('held:1', 0, 1)
    const diffs = watcher.of('held:1', 'presence_diff').length
    before.drop()
    await pause(grace / 4)
    await tab('held:1', { clientId: 'a browser' })
    await pause(grace * 2)
    await watcher.heartbeat()
    expect(watcher.of('held:1', 'presence_diff')).toHaveLength(diffs)
    await watcher.shows('held:1', 0, 1)
  })

  test('ends: who does not come back is gone', async () => {
    const watcher = await watch('held:1')
    const client = await tab('held:1', { clientId: 'a browser' })
    await watcher.shows('held:1', 0, 1)
    await client.close()
    await watcher.shows('held:1', 0, 0)
  })

  test('moves somebody who has signed in at once, and back who has signed out', async () => {
    const watcher = await watch('held:1')
    const clientId = 'a browser'
    const viewer = await tab('held:1', { clientId })
    await watcher.shows('held:1', 0, 1)
    await viewer.close()
    const user = await tab('held:1', { clientId, token: tokenFor(secret, '7') })
    await watcher.shows('held:1', 1, 0, { within: grace / 2 })
    await user.close()
    await tab('held:1', { clientId })
    await watcher.shows('held:1', 0, 1, { within: grace / 2 })
    await pause(grace)
    await watcher.shows('held:1', 0, 1)
  })
})
