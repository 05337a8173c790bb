import { countsOf, type Running, startHeadcount, tokenFor, until, WireClient } from '@headcount/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { type ArticleApp, articleApp, phoenixes } from './article-app.js'

const secret = 'the secret of the stock clients'
const topic = 'my_channel'

let server: Running
const apps: ArticleApp[] = []

afterEach(async () => {
  for (const { socket } of apps.splice(0)) socket.disconnect()
  await server.stop()
})

async function started(port?: number): Promise<void> {
  server = await startHeadcount({ auth: { secret } }, port)
}

describe.each(phoenixes)("the article's page on the stock client %s", (phoenix) => {
  const app = async (options?: object) => {
    const opened = await articleApp(phoenix, server.url, options)
    apps.push(opened)
    return opened
  }
  const shows = (page: { shown(): unknown }, users: number, viewers: number) =>
    until(
      `${users} users, ${viewers} viewers`,
      () => JSON.stringify(page.shown()) === JSON.stringify(countsOf(users, viewers)),
      { got: page.shown },
    )

  it('joins, leaves and joins anew', async () => {
    await started()
    const watcher = (await app()).joinChannel(topic)
    await shows(watcher, 0, 1)
    const visitor = await app()
    const first = visitor.joinChannel(topic)
    await Promise.all([shows(watcher, 0, 2), shows(first, 0, 2)])
    first.channel.leave()
    await shows(watcher, 0, 1)
    const second = visitor.joinChannel(topic)
    await Promise.all([shows(watcher, 0, 2), shows(second, 0, 2)])
    second.channel.leave()
    const third = visitor.joinChannel(topic)
    await Promise.all([shows(watcher, 0, 2), shows(third, 0, 2)])
    visitor.socket.disconnect()
    await shows(watcher, 0, 1)
  })

  it('is a user with the param token', async () => {
    await started()
    const watcher = (await app()).joinChannel(topic)
    await app({ params: { token: tokenFor(secret, '7') } }).then((user) => user.joinChannel(topic))
    await shows(watcher, 1, 1)
    await app({ params: () => ({ token: 'no token at all' }) }).then((viewer) => viewer.joinChannel(topic))
    await shows(watcher, 1, 2)
  })

  it('sees its second channel object of a topic take the place of the first', async () => {
    await started()
    const watcher = (await app()).joinChannel(topic)
    const page = await app()
    const first = page.joinChannel(topic)
    await shows(first, 0, 2)
    let closed = false
    first.channel.onClose(() => {
      closed = true
    })
    const second = page.joinChannel(topic)
    await Promise.all([shows(second, 0, 2), shows(watcher, 0, 2)])
    await until('the first to be closed', () => closed)
    second.channel.leave()
    await shows(watcher, 0, 1)
  })

  it('is told why it may not join', async () => {
    await started()
    const { joining } = (await app()).joinChannel('phoenix')
    const reason = await new Promise((resolve) => joining.receive('error', resolve))
    expect(reason).toEqual({ reason: 'unmatched topic' })
  })

  it('comes back by itself after the server was drained and started again on its port', async () => {
    await started()
    const pages = await Promise.all([app(), app(), app({ params: { token: tokenFor(secret, '7') } })])
    const tabs = pages.map((page) => page.joinChannel(topic))
    await Promise.all(tabs.map((tab) => shows(tab, 1, 2)))
    const codes: number[] = []
    for (const { socket } of pages) socket.onClose((event: CloseEvent) => void codes.push(event.code))
    const { port } = server
    await server.stop()
    await until('the pages to have heard', () => codes.length === 3)
    expect(codes).toEqual([1012, 1012, 1012])
    await started(port)
    await until('the pages to be back', () => pages.every((page) => page.opened() === 2))
    const late = await (await WireClient.open(server.url)).enter(topic)
    await Promise.all([late.shows(topic, 1, 3), ...tabs.map((tab) => shows(tab, 1, 3))])
  })
})

describe('the stock client of 1.8', () => {
  it('is a user with its authToken, and is answered with the subprotocol it offered', async () => {
    await started()
    const watcher = await (await WireClient.open(server.url)).enter(topic)
    const page = await articleApp('phoenix', server.url, { authToken: tokenFor(secret, '7') })
    apps.push(page)
    page.joinChannel(topic)
    await watcher.shows(topic, 1, 1)
    const { conn } = page.socket as unknown as { conn: { protocol: string } }
    expect(conn.protocol).toBe('phoenix')
  })

  it('is a viewer with an authToken that is none', async () => {
    await started()
    const watcher = await (await WireClient.open(server.url)).enter(topic)
    const page = await articleApp('phoenix', server.url, { authToken: 'none' })
    apps.push(page)
    page.joinChannel(topic)
    await watcher.shows(topic, 0, 2)
  })
})
