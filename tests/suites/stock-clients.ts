import { countsOf, sameCounts, until } from '@headcount/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import {
  type PageChannel,
  type PhoenixApp,
  type PhoenixAppOptions,
  phoenixApp,
  phoenixes,
  pollingPhoenixes,
} from '../support/phoenix-app.js'
import { newTopic, rotate } from '../support/topics.js'

export interface StockClientsOptions {
  /** Servers of one cluster. Each page connects to the next one. */
  urls(): readonly string[]
  tokenOf(user: string): string
  /** The clients poll, instead of using WebSockets. They must expire in time: `quickPolls`. */
  readonly polls?: boolean
}

/** Waits until every page shows these counts. */
export async function allShow(
  channels: readonly PageChannel[],
  users: number,
  viewers: number,
  within = 10_000,
): Promise<void> {
  const right = () => channels.every((channel) => sameCounts(channel.shown(), countsOf(users, viewers)))
  const got = () => channels.map((channel) => channel.shown())
  await until(`${users} users, ${viewers} viewers on every page`, right, { within, got })
}

/** Pages with the 2018 article's code, on each supported version of the stock client. */
export function stockClientsSuite({ urls, tokenOf, polls = false }: StockClientsOptions): void {
  describe.concurrent.each(polls ? pollingPhoenixes : phoenixes)(
    "the article's page with the stock client %s",
    (phoenix) => {
      const cleanup = cleanups(afterAll)
      const next = rotate(urls)
      const open = async (options?: PhoenixAppOptions): Promise<PhoenixApp> => {
        const app = await phoenixApp(phoenix, next(), { polls, ...options })
        cleanup(() => app.socket.disconnect())
        return app
      }

      // 1.2 sends no join_ref, so a close of one channel closes every one of its topic: with Phoenix, too.
      const itWithRefs = it.skipIf(phoenix === 'phoenix-1.2')

      itWithRefs('joins, leaves and joins again', async () => {
        const topic = newTopic('video')
        const watcher = (await open()).joinChannel(topic)
        await allShow([watcher], 0, 1)
        const visitor = await open()
        const first = visitor.joinChannel(topic)
        await allShow([watcher, first], 0, 2)
        first.channel.leave()
        await allShow([watcher], 0, 1)
        const second = visitor.joinChannel(topic)
        await allShow([watcher, second], 0, 2)
        second.channel.leave()
        const third = visitor.joinChannel(topic)
        await allShow([watcher, third], 0, 2)
        visitor.socket.disconnect()
        await allShow([watcher], 0, 1)
      })

      it('is a user with a valid token param, and a viewer with another one', async () => {
        const topic = newTopic('video')
        const watcher = (await open()).joinChannel(topic)
        const user = (await open({ params: { token: tokenOf('7') } })).joinChannel(topic)
        await allShow([watcher, user], 1, 1)
        const viewer = (await open({ params: () => ({ token: 'not a token' }) })).joinChannel(topic)
        await allShow([watcher, user, viewer], 1, 2)
      })

      itWithRefs('replaces the first channel object of a topic by the second', async () => {
        const topic = newTopic('video')
        const watcher = (await open()).joinChannel(topic)
        const page = await open()
        const first = page.joinChannel(topic)
        await allShow([first], 0, 2)
        let closed = false
        first.channel.onClose(() => {
          closed = true
        })
        const second = page.joinChannel(topic)
        await allShow([second, watcher], 0, 2)
        await until('the first channel to close', () => closed)
        second.channel.leave()
        await allShow([watcher], 0, 1)
      })

      it('receives the reason why it may not join', async () => {
        const { joining } = (await open()).joinChannel('phoenix')
        const reason = await new Promise((resolve) => joining.receive('error', resolve))
        expect(reason).toEqual({ reason: 'unmatched topic' })
      })
    },
  )
}
