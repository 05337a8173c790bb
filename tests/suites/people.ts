import { pause, tokenFor, WireClient } from '@headcount/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { fresh, inTurn } from './fresh.js'

export interface PeopleOptions {
  /** Servers that count as one, with people in `room:*`, and with a grace in `held:*`. Each tab is another one's. */
  urls(): readonly string[]
  /** What signs tokens. */
  readonly secret: string
  /** In ms, of `held:*`. */
  readonly grace: number
}

/** What is true of people wherever their tabs are. */
export function peopleSuite({ urls, secret, grace }: PeopleOptions): void {
  const open: WireClient[] = []
  afterEach(() => {
    for (const client of open.splice(0)) client.drop()
  })
  const next = inTurn(urls)
  const tab = async (topic: string, who: { token?: string; clientId?: string } = {}) => {
    const client = await WireClient.open(next(), who)
    open.push(client)
    return client.enter(topic)
  }

  /** An observer at every server. */
  const watch = async (topic: string) => {
    const watchers = await Promise.all(
      urls().map(async (url) => (await WireClient.open(url)).enter(topic, { observe: true })),
    )
    open.push(...watchers)
    return {
      shows: async (users: number, viewers: number, options = {}) => {
        await Promise.all(watchers.map((each) => each.shows(topic, users, viewers, options)))
      },
      /** How many diffs they were told by now. */
      diffs: async () => {
        await Promise.all(watchers.map((each) => each.heartbeat()))
        return watchers.map((each) => each.of(topic, 'presence_diff').length)
      },
    }
  }

  describe('people', () => {
    test('one user on three tabs is one, until the last is closed', async () => {
      const room = fresh('room')
      const watcher = await watch(room)
      const token = tokenFor(secret, '7')
      const tabs = [await tab(room, { token }), await tab(room, { token }), await tab(room, { token })]
      await watcher.shows(1, 0)
      const diffs = await watcher.diffs()
      await tabs[0]?.close()
      tabs[1]?.drop()
      await pause(250)
      expect(await watcher.diffs()).toEqual(diffs)
      await tabs[2]?.close()
      await watcher.shows(0, 0)
    })

    test("a viewer's three tabs are one; another viewer is another", async () => {
      const room = fresh('room')
      const watcher = await watch(room)
      for (let i = 0; i < 3; i++) await tab(room, { clientId: 'one browser' })
      await tab(room, { clientId: 'another browser' })
      await watcher.shows(0, 2)
    })

    test('without a client id each socket is its own person', async () => {
      const room = fresh('room')
      const watcher = await watch(room)
      await tab(room)
      await tab(room)
      await watcher.shows(0, 2)
    })

    test("a user's 7 and a client's 7 are two", async () => {
      const room = fresh('room')
      const watcher = await watch(room)
      await tab(room, { token: tokenFor(secret, '7') })
      await tab(room, { clientId: '7' })
      await watcher.shows(1, 1)
    })

    test('one who signs in on one tab is in both groups, until the other tab is closed', async () => {
      const room = fresh('room')
      const watcher = await watch(room)
      const clientId = 'a browser'
      const viewer = await tab(room, { clientId })
      const user = await tab(room, { clientId, token: tokenFor(secret, '7') })
      await watcher.shows(1, 1)
      await viewer.close()
      await watcher.shows(1, 0)
      await user.close()
      await watcher.shows(0, 0)
    })
  })

  describe('grace', () => {
    test('holds a reload at no change', async () => {
      const topic = fresh('held')
      const watcher = await watch(topic)
      const before = await tab(topic, { clientId: 'a browser' })
      await watcher.shows(0, 1)
      const diffs = await watcher.diffs()
      before.drop()
      await pause(grace / 4)
      await tab(topic, { clientId: 'a browser' })
      await pause(grace * 2)
      expect(await watcher.diffs()).toEqual(diffs)
      await watcher.shows(0, 1)
    })

    test('ends: who does not come back is gone', async () => {
      const topic = fresh('held')
      const watcher = await watch(topic)
      const client = await tab(topic, { clientId: 'a browser' })
      await watcher.shows(0, 1)
      await client.close()
      await watcher.shows(0, 0)
    })

    test('moves somebody who has signed in at once, and back who has signed out', async () => {
      const topic = fresh('held')
      const watcher = await watch(topic)
      const clientId = 'a browser'
      const viewer = await tab(topic, { clientId })
      await watcher.shows(0, 1)
      await viewer.close()
      const user = await tab(topic, { clientId, token: tokenFor(secret, '7') })
      await watcher.shows(1, 0, { within: grace / 2 })
      await user.close()
      await tab(topic, { clientId })
      await watcher.shows(0, 1, { within: grace / 2 })
      await pause(grace)
      await watcher.shows(0, 1)
    })
  })
}
