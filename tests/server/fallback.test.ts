import { until, WireClient } from '@headcount/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allShow } from '../suites/stock-clients.js'
import { cleanups } from '../support/cleanup.js'
import { startNetwork } from '../support/network.js'
import { type PhoenixApp, phoenixApp, phoenixes } from '../support/phoenix-app.js'
import { quickPolls } from '../support/quick-polls.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'
import { newTopic } from '../support/topics.js'

const cleanup = cleanups()
let server: Running
beforeAll(async () => {
  server = await startHeadcount({ limits: quickPolls })
})
afterAll(() => server.stop())

async function openPage(phoenix: string, url: string): Promise<PhoenixApp> {
  const page = await phoenixApp(phoenix, url, { longPollFallbackMs: 500 })
  cleanup(() => page.socket.disconnect())
  return page
}

const polls = ({ socket }: PhoenixApp): boolean =>
  'pollEndpoint' in ((socket as unknown as { conn: object | null }).conn ?? {})

/** A client that records the largest number of viewers of a topic. */
async function watch(topic: string) {
  const client = await (await WireClient.open(server.url)).enter(topic)
  cleanup(() => client.drop())
  let most = 0
  client.socket.on('message', () => {
    most = Math.max(most, client.shown(topic)?.viewers.count ?? 0)
  })
  return { client, most: () => most }
}

describe.each(phoenixes)('a page with the stock client %s and longPollFallbackMs', (phoenix) => {
  it.each(['refused', 'swallowed'] as const)('polls where WebSockets are %s from the start', async (passage) => {
    const network = await startNetwork(server.port, passage)
    cleanup(() => network.stop())
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
      const network = await startNetwork(server.port, 'open')
      cleanup(() => network.stop())
      const topic = newTopic('video')
      const watcher = await watch(topic)
      const page = await openPage(phoenix, network.url)
      const channel = page.joinChannel(topic)
      await allShow([channel], 0, 2)
      expect(polls(page)).toBe(false)
      network.set(passage)
      await until('the page to poll', () => polls(page), { within: 20_000 })
      await watcher.client.shows(topic, 0, 2, { within: 20_000 })
      network.set('open')
      const next = await openPage(phoenix, network.url)
      await allShow([channel, next.joinChannel(topic)], 0, 3)
      expect([polls(page), polls(next), watcher.most()]).toEqual([true, false, 3])
      page.socket.disconnect()
      await watcher.client.shows(topic, 0, 2)
    },
    60_000,
  )
})
