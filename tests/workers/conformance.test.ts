import { recordedTopics, tokenFor, until } from '@headcount/testing'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { type ArticleApp, articleApp, phoenixes } from '../server/article-app.js'
import { replays } from '../suites/replays.js'
import { storms } from '../suites/storms.js'
import { type HeadcountServer, startServer } from '../support/server.mjs'
import { allTell, pidsOf, replaced } from './server.js'

// What holds of one process, over three behind one port.

const secret = 'the secret of the conformance suite of workers'
const tokenOf = (user: string) => tokenFor(secret, user)
let server: HeadcountServer

beforeAll(async () => {
  const topics = [...recordedTopics, 'storm:*'].flatMap((topic) => ['--topics', topic])
  server = await startServer(['--workers', '3', ...topics], { HEADCOUNT_JWT_SECRET: secret })
  await server.child.until('all workers to listen', (output) => output.includes('Headcount is at '))
})
afterAll(() => server.stop())

describe('three workers, held against the frames of a real Phoenix', () =>
  replays({
    urls: () => [server.url],
    tokenOf,
    empty: () => allTell(server, 'my_channel', 0, 0),
  }))

describe.each(phoenixes)("three workers, and the article's page on the stock client %s", (phoenix) => {
  const apps: ArticleApp[] = []
  const page = async (options?: object) => {
    const app = await articleApp(phoenix, server.url, options)
    apps.push(app)
    return app.joinChannel('my_channel')
  }
  afterEach(async () => {
    for (const { socket } of apps.splice(0)) socket.disconnect()
    await allTell(server, 'my_channel', 0, 0)
  })
  const allShow = (tabs: Awaited<ReturnType<typeof page>>[], users: number, viewers: number) => {
    const counts = { users: { count: users }, viewers: { count: viewers } }
    return until(
      `${users} users, ${viewers} viewers`,
      () => tabs.every((tab) => JSON.stringify(tab.shown()) === JSON.stringify(counts)),
      { got: () => JSON.stringify(tabs.map((tab) => tab.shown())), within: 20_000 },
    )
  }

  it('joins, leaves and joins anew, and shows everywhere the same', async () => {
    const tabs = [await page(), await page({ params: { token: tokenOf('7') } }), await page(), await page()]
    await allShow(tabs, 1, 3)
    tabs[0]!.channel.leave()
    await allShow(tabs.slice(1), 1, 2)
    await allShow([...tabs.slice(1), await page()], 1, 3)
  })

  it('comes back by itself when its worker is killed', async () => {
    const tabs = []
    for (let i = 0; i < 6; i++) tabs.push(await page())
    await allShow(tabs, 0, 6)
    for (const pid of pidsOf(server).slice(0, 2)) {
      process.kill(pid, 'SIGKILL')
      await replaced(server, pid)
    }
    await until('the cut off to be back', () => apps.reduce((sum, app) => sum + app.opened(), 0) >= 10)
    await allShow(tabs, 0, 6)
  })
})

describe('a storm of clients over three workers', () => {
  storms({
    urls: () => [server.url],
    tokenOf,
    clients: 300,
    runs: 5,
    around: (topic) => () => allTell(server, topic, 0, 0),
  })
})
