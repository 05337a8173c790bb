import { until, WireClient } from '@headcount/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { startNetwork } from '../support/network.js'
import { type PhoenixApp, phoenixApp, phoenixes } from '../support/phoenix-app.js'
import { newTopic } from '../support/topics.js'
import { allShow } from './stock-clients.js'

const polls = ({ socket }: PhoenixApp): boolean =>
  'pollEndpoint' in ((socket as unknown as { conn: object | null }).conn ?? {})

/**
 * Pages with the stock client and `longPollFallbackMs` in a network that blocks WebSockets.
 * @param urlOf of a server or a proxy. Sessions must expire in time: `quickPolls`.
 */
export function fallbackSuite(urlOf: () => string): void {
  const cleanup = cleanups(afterAll)
  const start = async (passage: Parameters<typeof startNetwork>[1]) => {
    const network = await startNetwork(Number(new URL(urlOf()).port), passage)
    cleanup(() => network.stop())
    return network
  }
  const openPage = async (phoenix: string, url: string): Promise<PhoenixApp> => {
    const page = await phoenixApp(phoenix, url, { longPollFallbackMs: 500 })
    cleanup(() => page.socket.disconnect())
    return page
  }
  /** A client that records the largest number of viewers of a topic. */
  const watch = async (topic: string) => {
    const client = await (await WireClient.open(urlOf())).enter(topic)
    cleanup(() => client.drop())
    let most = 0
    client.socket.on('message', () => {
      most = Math.max(most, client.shown(topic)?.viewers.count ?? 0)
    })
    return { client, most: () => most }
  }

  describe.concurrent.each(phoenixes)('a page with the stock client %s and longPollFallbackMs', (phoenix) => {
    it.each(['refused', 'swallowed'] as const)('polls where WebSockets are %s from the start', async (passage) => {
      const network = await start(passage)
      const topic = newTopic('video')
      const watcher = await watch(topic)
      const page = await openPage(phoenix, network.url)
      const channel = page.joinChannel(topic)
      await allShow([channel], 0, 2)
      await watcher.client.shows(topic, 0, 2)
      expect([polls(page), watcher.most()]).toEqual([true, 2])
      channel.channel.leave()
      await watcher.client.shows(topic, 0, 1)
    })

    it.each(['refused', 'swallowed'] as const)(
      'polls once WebSockets are %s, and a page that is opened after that uses one',
      async (passage) => {
        const network = await start('open')
        const topic = newTopic('video')
        const watcher = await watch(topic)
        const page = await openPage(phoenix, network.url)
        const channel = page.joinChannel(topic)
        await allShow([channel], 0, 2)
        expect(polls(page)).toBe(false)
        network.set(passage)
        // Before it has joined again, its old socket may still be counted.
        const joined = () => polls(page) && channel.channel.state === 'joined'
        await until('the page to have joined by polls', joined, { within: 20_000 })
        await watcher.client.shows(topic, 0, 2, { within: 20_000 })
        network.set('open')
        const next = await openPage(phoenix, network.url)
        await allShow([channel, next.joinChannel(topic)], 0, 3)
        await watcher.client.shows(topic, 0, 3)
        expect([polls(page), polls(next), watcher.most()]).toEqual([true, false, 3])
        page.socket.disconnect()
        await watcher.client.shows(topic, 0, 2)
      },
      60_000,
    )
  })
}
