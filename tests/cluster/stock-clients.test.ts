import { countsOf, sameCounts, until } from '@headcount/testing'
import { afterEach, describe, it } from 'vitest'
import { type ArticleApp, articleApp, phoenixes, type Tab } from '../server/article-app.js'
import { describeWith } from '../support/needs.js'
import { tokenOf, withCluster } from './cluster.js'

const lease = 2_000
const topic = 'my_channel'

describeWith('redis', 'three replicas', () => {
  const cluster = withCluster({ lease })

  describe.each(phoenixes)("and the article's page on the stock client %s", (phoenix) => {
    const apps: ArticleApp[] = []
    afterEach(() => {
      for (const { socket } of apps.splice(0)) socket.disconnect()
    })
    const page = async (url: string, options?: object): Promise<Tab> => {
      const app = await articleApp(phoenix, url, options)
      apps.push(app)
      return app.joinChannel(topic)
    }
    const allShow = (tabs: readonly Tab[], users: number, viewers: number, within = 10_000) =>
      until(
        `${users} users, ${viewers} viewers`,
        () => tabs.every((tab) => sameCounts(tab.shown(), countsOf(users, viewers))),
        { within, got: () => tabs.map((tab) => tab.shown()) },
      )

    it('show the same everywhere, without one that dies, and with it when it is back', async () => {
      const [first, second, third] = cluster.urls as [string, string, string]
      const user = { params: { token: tokenOf('7') } }
      const tabs = [await page(first), await page(second, user), await page(third), await page(first, user)]
      await allShow(tabs, 2, 2)
      tabs[2]!.channel.leave()
      await allShow([tabs[0]!, tabs[1]!, tabs[3]!], 2, 1)
      await cluster.servers[0]!.kill()
      await allShow([tabs[1]!], 1, 0, lease + 1_000)
      await cluster.servers[0]!.start()
      await allShow([tabs[0]!, tabs[1]!, tabs[3]!], 2, 1, 20_000)
    }, 60_000)
  })
})
