import { random, WireClient } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { serveClientPage } from '../support/client-page.js'
import { describeWith } from '../support/needs.js'
import { type Tab, Tabs } from '../support/tabs.js'
import { newTopic } from '../support/topics.js'

vi.setConfig({ testTimeout: 60_000 })

/** In ms. Shorter than by default, so that a test need not wait; longer than a tab takes to open. */
const hiddenAfter = 1_000
const settle = 1_000

const secret = 'the secret of the pages of these tests'

/** How many tabs are opened, and how long, in ms, they close and others open. `TAB_STORM=1` is the long form. */
const tabStorm = process.env.TAB_STORM ? { tabs: 50, time: 60_000 } : { tabs: 6, time: 6_000 }

describeWith('chromium', 'the client in a browser', () => {
  const cleanup = cleanups()
  let tabs: Tabs
  let served: Awaited<ReturnType<typeof serveClientPage>>
  beforeAll(async () => {
    const topics = [{ pattern: 'settled:*', settle }, { pattern: 'lasting:*', settle: 3 * settle }, { pattern: '*' }]
    ;[tabs, served] = await Promise.all([Tabs.launch(), serveClientPage({ topics, auth: { secret } })])
  })
  afterAll(() => Promise.all([tabs.close(), served.stop()]))

  /** Opens tabs and observers of one topic: `recording` has every number of viewers that was shown. */
  async function watch(kind: string, options: object = {}) {
    const topic = newTopic(kind)
    const observer = await WireClient.open(served.url)
    cleanup(() => observer.drop())
    await observer.enter(topic, { observe: true })
    return {
      topic,
      observer,
      shows: (viewers: number) => observer.shows(topic, 0, viewers),
      recording: () => observer.events(topic, 'presence_diff').map(({ payload }) => payload.counts.viewers.count),
      open: async (how: { background?: boolean } = {}): Promise<Tab> => {
        const tab = await tabs.open(served.pageOf(topic, options), how)
        cleanup(() => tab.close().catch(() => {}))
        await tab.until("globalThis.topic?.get().status === 'live'")
        return tab
      },
    }
  }
  /** The events that a page has sent, without heartbeats. */
  const sentBy = async (tab: Tab) => {
    const sent = (await tab.evaluate('sent')) as string[]
    const events = sent.map((text) => JSON.parse(text).slice(3) as [string, object])
    return events.filter(([event]) => event !== 'heartbeat')
  }

  const countingTab = async (all: readonly Tab[]): Promise<Tab> => {
    const counting: Tab[] = []
    for (const tab of all) {
      const events = await sentBy(tab)
      if (JSON.stringify(events.at(-1)) !== '["phx_join",{"observe":true}]') counting.push(tab)
    }
    expect(counting).toHaveLength(1)
    return counting[0]!
  }

  test('by default a page counts while it is open, hidden or not', async () => {
    const { open, shows, recording } = await watch('open', { hiddenAfter })
    const [first] = [await open(), await open(), await open({ background: true })]
    await shows(3)
    await first!.show()
    await first!.close()
    await shows(2)
    expect(recording()).toEqual([1, 2, 3, 2])
  })

  test('a hidden page becomes an observer and counts at once when it is shown, without joining again', async () => {
    const { open, shows, recording } = await watch('visible', { count: 'visible', hiddenAfter })
    const first = await open()
    await shows(1)
    const second = await open()
    await shows(2)
    await shows(1)
    await first.show()
    await shows(2)
    await shows(1)
    expect(recording()).toEqual([1, 2, 1, 2, 1])
    expect(await sentBy(first)).toEqual([
      ['phx_join', {}],
      ['observe', { observe: true }],
      ['observe', { observe: false }],
    ])
    expect(await second.evaluate('topic.get()')).toEqual({
      counts: { users: { count: 0 }, viewers: { count: 1 } },
      status: 'live',
    })
  })

  test('a page that is hidden for a moment still counts', async () => {
    const { open, shows, recording } = await watch('moment', { count: 'visible', hiddenAfter: 60_000 })
    const first = await open()
    await shows(1)
    const second = await open()
    await shows(2)
    await first.show()
    await second.close()
    await shows(1)
    expect(await sentBy(first)).toEqual([['phx_join', {}]])
    expect(recording()).toEqual([1, 2, 1])
  })

  test('a page that is opened in the background counts when it is first seen', async () => {
    await (await watch('front')).open()
    const { open, shows, recording } = await watch('background', { count: 'visible', hiddenAfter })
    const tab = await open({ background: true })
    expect(await sentBy(tab)).toEqual([['phx_join', { observe: true }]])
    expect(recording()).toEqual([])
    await tab.show()
    await shows(1)
    expect(await sentBy(tab)).toEqual([
      ['phx_join', { observe: true }],
      ['observe', { observe: false }],
    ])
  })

  test('three tabs count once, and when the one that counts closes or crashes, no number dips', async () => {
    const { open, shows, recording } = await watch('settled', { tabs: 'one' })
    const all = [await open(), await open(), await open()]
    await shows(1)
    const takeOut = async (end: (tab: Tab) => unknown): Promise<void> => {
      const counting = await countingTab(all)
      all.splice(all.indexOf(counting), 1)
      await end(counting)
      await vi.waitUntil(async () => (await Promise.all(all.map(sentBy))).some((sent) => sent.length > 1), 10_000)
      await countingTab(all)
    }
    await takeOut((tab) => tab.close())
    await takeOut((tab) => tab.crash())
    const another = await watch('settled') // its decrease is shown after the settle time of the others has passed, too
    await (await another.open()).close()
    await another.shows(0)
    expect(recording()).toEqual([1])
  })

  test('when the tab that counts is cut off, another one counts, and still does when the first is back', async () => {
    const { open, shows, recording } = await watch('cut', { tabs: 'one' })
    const all = [await open(), await open()]
    await shows(1)
    const counting = await countingTab(all)
    served.blockWebSockets(true)
    cleanup(() => served.blockWebSockets(false))
    await counting.evaluate('delete globalThis.EventSource; sockets.at(-1).close()')
    await shows(0)
    await shows(1)
    served.blockWebSockets(false)
    await counting.until("topic.get().status === 'live'")
    expect(recording()).toEqual([1, 0, 1])
    expect((await sentBy(counting)).at(-1)).toEqual(['phx_join', { observe: true }])
  })

  test('tabs that open and close at random count once at every moment', { timeout: 180_000 }, async () => {
    const { open, shows, recording } = await watch('lasting', { tabs: 'one' })
    const { chance, below } = random(7)
    const all: Tab[] = []
    let opened = 0
    const openOne = async (): Promise<void> => {
      all.push(await open({ background: chance(0.5) }))
      opened += 1
    }
    while (all.length < tabStorm.tabs) await openOne()
    const end = performance.now() + tabStorm.time
    while (performance.now() < end) {
      if (all.length < tabStorm.tabs && chance(0.5)) await openOne()
      else if (all.length > tabStorm.tabs / 2) await all.splice(below(all.length), 1)[0]!.close()
    }
    console.info(`${opened} tabs were opened and ${opened - all.length} closed; the counts shown: ${recording()}`)
    expect(recording()).toEqual([1])
    for (const tab of all) await tab.close()
    await shows(0)
    expect(recording()).toEqual([1, 0])
  })

  test('signing in and out over the open socket moves a page between groups: no dip, and no double', async () => {
    const { open, observer, topic, shows, recording } = await watch('settled')
    const [first] = [await open(), await open()]
    await shows(2)
    for (const user of ['7', '8']) {
      await first.evaluate(`client.signIn('${tokenFor(secret, user)}')`)
      await observer.shows(topic, 1, 1)
      await first.evaluate('client.signOut()')
      await shows(2)
    }
    const another = await watch('settled') // its decrease is shown after the settle time of the others has passed, too
    await (await another.open()).close()
    await another.shows(0)
    const shown = observer.events(topic, 'presence_diff').map(({ payload }) => payload.counts)
    expect(shown.map(({ users, viewers }) => [users.count, viewers.count])).toEqual([
      [0, 1],
      [0, 2],
      ...[1, 2].flatMap(() => [
        [1, 1],
        [0, 2],
      ]),
    ])
    expect(recording()).toEqual([1, 2, 1, 2, 1, 2])
    expect((await sentBy(first)).map(([event]) => event)).toEqual(['phx_join', 'token', 'token', 'token', 'token'])
    expect(await first.evaluate('sockets.length')).toBe(1)
  })

  test('by default nothing is stored on the device, and no URL has an id', async () => {
    const { open } = await watch('nothing')
    const tab = await open()
    expect(await tab.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([0, 0, ''])
    const address = `${served.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`
    expect(await tab.evaluate('urls')).toEqual([[address]])
  })

  test('a random id is shared by the tabs of a browser, is in no URL, and is new after sign-out', async () => {
    const { open } = await watch('people', { clientId: 'browser' })
    const [first, second] = [await open(), await open()]
    const offered = (await Promise.all([first, second].map((tab) => tab.evaluate('urls')))) as string[][][]
    const [address, , id] = offered[0]![0]!
    expect(offered[1]).toEqual(offered[0])
    expect(id).toMatch(/^base64url\.client_id\./)
    expect(address).toBe(`${served.url.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`)
    const kept = '[localStorage.length, sessionStorage.length, document.cookie]'
    expect(await first.evaluate(kept)).toEqual([1, 0, ''])
    expect(await first.evaluate(`client.signOut(); ${kept}`)).toEqual([0, 0, ''])
    await first.until("urls.length === 2 && client.status === 'live'")
    const [, [again, , newId]] = (await first.evaluate('urls')) as [string[], string[]]
    expect([again, newId === id]).toEqual([address, false])
  })

  test('a frozen page still counts, and shows the current counts when it is resumed', async () => {
    // Chromium 156 closes the socket of a page when it is resumed: with settle no page is shown a dip.
    const { open, shows, recording } = await watch('settled')
    const frozen = await open()
    await shows(1)
    await (await watch('front')).open()
    await frozen.setLifecycle('frozen')
    const other = await open()
    await shows(2)
    expect(await sentBy(frozen)).toEqual([['phx_join', {}]])
    await frozen.setLifecycle('active')
    await frozen.until("topic.get().counts.viewers.count === 2 && client.status === 'live'")
    await other.close()
    await shows(1)
    expect(recording()).toEqual([1, 2, 1])
  })

  test('a page in the back/forward cache no longer counts, and counts again when it is restored', async () => {
    const { open, shows, recording } = await watch('settled')
    const tab = await open()
    await shows(1)
    await tab.evaluate(`location.href = '${served.pageOf('elsewhere')}'`)
    await shows(0)
    await tab.until("location.search.includes('elsewhere')")
    await tab.evaluate('history.back()')
    await shows(1)
    expect(await tab.until('wasRestored')).toBe(true)
    expect(recording()).toEqual([1, 0, 1])
  })

  test('where WebSockets are blocked, a page counts over Server-Sent Events until they open again', async () => {
    const { open, shows, recording } = await watch('lasting', { count: 'visible', hiddenAfter })
    served.blockWebSockets(true)
    cleanup(() => served.blockWebSockets(false))
    const tab = await open()
    await shows(1)
    await tab.until('topic.get().counts.viewers.count === 1')
    const front = await tabs.open('about:blank')
    cleanup(() => front.close())
    await shows(0)
    await tab.until("topic.get().counts.viewers.count === 0 && topic.get().status === 'live'")
    await tab.show()
    await shows(1)
    expect(await sentBy(tab)).toEqual([])
    served.blockWebSockets(false)
    await tab.until("sent.some((text) => text.includes('phx_join'))")
    await tab.until("topic.get().status === 'live'")
    await tab.close()
    await shows(0)
    expect(recording()).toEqual([1, 0, 1, 0])
  })

  test('over Server-Sent Events, another topic of a page causes no double count, and with settle no dip', async () => {
    const [settled, changing] = [await watch('settled'), await watch('changing')]
    served.blockWebSockets(true)
    cleanup(() => served.blockWebSockets(false))
    const tab = await settled.open()
    await tab.evaluate(`client.topic('${changing.topic}').subscribe(() => {})`)
    await Promise.all([settled.shows(1), changing.shows(1)])
    const others = ['a', 'b', 'c'].map(newTopic)
    for (const topic of others) {
      await tab.evaluate(`globalThis.leave = client.topic('${topic}').subscribe(() => {})`)
      await tab.until(`client.topic('${topic}').get().status === 'live'`)
      await tab.evaluate('leave()')
      await tab.until(`client.topic('${topic}').get().status === 'stale'`)
    }
    await tab.until(`client.topic('${changing.topic}').get().counts.viewers.count === 1`)
    expect(settled.recording()).toEqual([1])
    expect(changing.recording().every((viewers, n) => viewers === (n + 1) % 2)).toBe(true)
    expect(changing.recording().length).toBeGreaterThan(2)
    await tab.close()
    await Promise.all([settled.shows(0), changing.shows(0)])
  })

  test('a page that is prerendered counts when it is opened', async () => {
    const { shows, recording, topic } = await watch('prerendered')
    const other = await (await watch('other')).open()
    /** Chromium does not prerender at once while it is busy. */
    const prerender = async (): Promise<Tab> => {
      const tab = await tabs.open(served.starterOf(served.pageOf(topic)))
      const isPrerendered = vi.waitUntil(() => served.requested.delete('/is-prerendered'), { timeout: 3_000 })
      if (await isPrerendered.catch(() => false)) return tab
      await tab.close()
      return prerender()
    }
    const tab = await prerender()
    cleanup(() => tab.close())
    expect(recording()).toEqual([])
    await other.evaluate("new BroadcastChannel('go').postMessage('')")
    await shows(1)
    expect(await tab.evaluate("performance.getEntriesByType('navigation')[0].activationStart")).toBeGreaterThan(0)
    expect(recording()).toEqual([1])
  })
})
