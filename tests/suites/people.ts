import { pause, WireClient } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, describe, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { newTopic, rotate } from '../support/topics.js'

export interface PeopleOptions {
  /** Servers of one cluster. Each tab connects to the next one. */
  urls(): readonly string[]
  /** Signs tokens. */
  readonly secret: string
  /** In ms, of the topics `settle:*` and `settle-people:*`. */
  readonly settle: number
}

/** `shieldTick` of the servers of `peopleSuite`, in ms. */
export const shieldTick = 500

export const peopleTopics = (settle: number) => [
  { pattern: 'room:*', unit: 'people' as const },
  { pattern: 'part:*', alsoIn: ['whole', 'whole-people'] },
  { pattern: 'small:*', shield: 3 },
  'whole',
  { pattern: 'whole-people', unit: 'people' as const },
  { pattern: 'settle:*', settle },
  { pattern: 'settle-people:*', unit: 'people' as const, settle },
]

/** People with several tabs, and counts that settle, on any number of servers. */
export function peopleSuite({ urls, secret, settle }: PeopleOptions): void {
  describe.concurrent('people and settled counts', () => {
    const cleanup = cleanups(afterAll)
    const next = rotate(urls)
    const tab = async (topic: string, identity: { token?: string; clientId?: string } = {}) => {
      const client = await WireClient.open(next(), identity)
      cleanup(() => client.drop())
      return client.enter(topic)
    }
    /** Observers at every server. */
    const observe = async (topic: string) => {
      const observers = await Promise.all(urls().map((url) => WireClient.open(url)))
      for (const observer of observers) cleanup(() => observer.drop())
      await Promise.all(observers.map((observer) => observer.enter(topic, { observe: true })))
      return {
        show: async (users: number, viewers: number, options = {}) => {
          await Promise.all(observers.map((observer) => observer.shows(topic, users, viewers, options)))
        },
        diffs: async () => {
          await Promise.all(observers.map((observer) => observer.heartbeat()))
          return observers.map((observer) => observer.diffs(topic))
        },
        /** The resulting viewers of each diff. */
        shownViewers: () =>
          observers.map((each) =>
            each.events(topic, 'presence_diff').map(({ payload }) => payload.counts.viewers.count),
          ),
      }
    }

    describe('people', () => {
      test('a user with three tabs counts once until the last one is closed', async () => {
        const room = newTopic('room')
        const observers = await observe(room)
        const token = tokenFor(secret, '7')
        const tabs = [await tab(room, { token }), await tab(room, { token }), await tab(room, { token })]
        await observers.show(1, 0)
        // The other replicas know of a tab once its replica has committed it, at most 50 ms after the join.
        await pause(250)
        const diffs = await observers.diffs()
        await tabs[0]!.close()
        tabs[1]!.drop()
        await pause(250)
        expect(await observers.diffs()).toEqual(diffs)
        await tabs[2]!.close()
        await observers.show(0, 0)
      })

      test('tabs with one client id count once, tabs with two client ids twice', async () => {
        const room = newTopic('room')
        const observers = await observe(room)
        for (let i = 0; i < 3; i++) await tab(room, { clientId: 'one browser' })
        await tab(room, { clientId: 'another browser' })
        await observers.show(0, 2)
      })

      test('presences count in the roll-ups of their topics, each person once', async () => {
        const [whole, people] = [await observe('whole'), await observe('whole-people')]
        const token = tokenFor(secret, '7')
        const tabs = [await tab(newTopic('part'), { token }), await tab(newTopic('part'), { token })]
        await tab(newTopic('part'))
        await whole.show(2, 1)
        await people.show(1, 1)
        await tabs[0]!.close()
        await whole.show(1, 1)
        await people.show(1, 1)
        tabs[1]!.drop()
        await whole.show(0, 1)
        await people.show(0, 1)
      })

      test('a shield shows steps and "below" on all servers, and returns to "fewer than three"', async () => {
        const small = newTopic('small')
        const observers = await observe(small)
        const tabs = [await tab(small), await tab(small), await tab(small), await tab(small)]
        await observers.show(0, 3)
        const read = await fetch(new URL(`/api/counts?topic=${small}`, urls()[0]))
        const below = { count: 0, below: 3 }
        expect(await read.json()).toEqual({ counts: { [small]: { users: below, viewers: { count: 3 } } } })
        for (const each of tabs.slice(1)) await each.close()
        await observers.show(0, 0)
        for (const shown of observers.shownViewers()) expect(shown).toEqual([3, 0])
      })

      test('without a client id each socket is a person', async () => {
        const room = newTopic('room')
        const observers = await observe(room)
        await tab(room)
        await tab(room)
        await observers.show(0, 2)
      })

      test('a user id and an equal client id are two people', async () => {
        const room = newTopic('room')
        const observers = await observe(room)
        await tab(room, { token: tokenFor(secret, '7') })
        await tab(room, { clientId: '7' })
        await observers.show(1, 1)
      })

      test('a person signed in on one of two tabs counts in both groups until the other tab is closed', async () => {
        const room = newTopic('room')
        const observers = await observe(room)
        const clientId = 'a browser'
        const viewer = await tab(room, { clientId })
        const user = await tab(room, { clientId, token: tokenFor(secret, '7') })
        await observers.show(1, 1)
        await viewer.close()
        await observers.show(1, 0)
        await user.close()
        await observers.show(0, 0)
      })
    })

    describe.each(['settle', 'settle-people'])('a topic that settles (%s)', (kind) => {
      test('shows no change for a reload', async () => {
        const topic = newTopic(kind)
        const observers = await observe(topic)
        const before = await tab(topic, { clientId: 'a browser' })
        await observers.show(0, 1)
        const diffs = await observers.diffs()
        before.drop()
        await pause(settle / 4)
        await tab(topic, { clientId: 'a browser' })
        await pause(settle * 2)
        expect(await observers.diffs()).toEqual(diffs)
        await observers.show(0, 1)
      })

      test('shows a leave once it has lasted', async () => {
        const topic = newTopic(kind)
        const observers = await observe(topic)
        const client = await tab(topic)
        await observers.show(0, 1)
        const left = performance.now()
        await client.close()
        await observers.show(0, 0)
        expect(performance.now() - left).toBeGreaterThan(settle * 0.9)
      })

      test('shows a sign-in over a new socket in one step', async () => {
        const topic = newTopic(kind)
        const observers = await observe(topic)
        const clientId = 'a browser'
        const viewer = await tab(topic, { clientId })
        await observers.show(0, 1)
        await viewer.close()
        // Until every server has received the leave.
        await pause(settle / 3)
        const user = await tab(topic, { clientId, token: tokenFor(secret, '7') })
        await observers.show(1, 0, { within: settle / 2 })
        await user.close()
        await pause(settle / 3)
        await tab(topic, { clientId })
        await observers.show(0, 1, { within: settle / 2 })
        await pause(settle * 1.5)
        await observers.show(0, 1)
        // One viewer, then the user instead of the viewer, then the viewer again.
        for (const viewers of observers.shownViewers()) expect(viewers).toEqual([1, 0, 1])
      })
    })
  })
}
