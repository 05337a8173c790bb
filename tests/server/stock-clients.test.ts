import { recordedTopics, until, WireClient } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replays } from '../suites/replays.js'
import { allShow, stockClientsSuite } from '../suites/stock-clients.js'
import { cleanups } from '../support/cleanup.js'
import { phoenixApp, phoenixes } from '../support/phoenix-app.js'
import { quickPolls } from '../support/quick-polls.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'
import { newTopic } from '../support/topics.js'

const secret = 'the secret of the stock clients'
const tokenOf = (user: string) => tokenFor(secret, user)
const cleanup = cleanups()

describe('one server', () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ topics: [...recordedTopics, 'auth:*'], auth: { secret }, limits: quickPolls })
  })
  afterAll(() => server.stop())

  stockClientsSuite({ urls: () => [server.url], tokenOf })
  describe('over long polls', () => stockClientsSuite({ urls: () => [server.url], tokenOf, polls: true }))
  replays({ urls: () => [server.url], tokenOf })

  it.each([
    ['a valid token makes a user', tokenOf('7'), 1, 1],
    ['an invalid token makes a viewer', 'none', 0, 2],
  ])('as authToken of the stock client of 1.8, %s', async (_, authToken, users, viewers) => {
    const topic = newTopic('auth')
    const watcher = await (await WireClient.open(server.url)).enter(topic)
    const page = await phoenixApp('phoenix', server.url, { authToken })
    cleanup(() => page.socket.disconnect())
    page.joinChannel(topic)
    await watcher.shows(topic, users, viewers)
    const { conn } = page.socket as unknown as { conn: { protocol: string } }
    expect(conn.protocol).toBe('phoenix')
    watcher.drop()
  })
})

it.each(phoenixes)(
  'pages with the stock client %s reconnect after a drain and a restart on the same port',
  async (phoenix) => {
    const topic = 'my_channel'
    const first = await startHeadcount({ auth: { secret } })
    const pages = await Promise.all(
      [{}, {}, { params: { token: tokenOf('7') } }].map((options) => phoenixApp(phoenix, first.url, options)),
    )
    const channels = pages.map((page) => page.joinChannel(topic))
    await allShow(channels, 1, 2)
    const codes: number[] = []
    for (const { socket } of pages) {
      cleanup(() => socket.disconnect())
      socket.onClose((event: CloseEvent) => void codes.push(event.code))
    }
    await first.stop()
    await until('the pages to be disconnected', () => codes.length === 3)
    expect(codes).toEqual([1012, 1012, 1012])
    const second = await startHeadcount({ auth: { secret } }, first.port)
    cleanup(() => second.stop())
    await until('the pages to reconnect', () => pages.every((page) => page.opened() === 2))
    const late = await (await WireClient.open(second.url)).enter(topic)
    await Promise.all([late.shows(topic, 1, 3), allShow(channels, 1, 3)])
  },
)
