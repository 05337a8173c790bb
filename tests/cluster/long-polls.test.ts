import { countsOf, sameCounts, until } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProxyOf } from '../recipes/proxies.js'
import { fallbackSuite } from '../suites/fallbacks.js'
import { allShow, stockClientsSuite } from '../suites/stock-clients.js'
import { storms } from '../suites/storms.js'
import { cleanups } from '../support/cleanup.js'
import { tokenOf, withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'
import { phoenixApp, pollingPhoenixes } from '../support/phoenix-app.js'
import { quickPolls } from '../support/quick-polls.js'
import { newTopic } from '../support/topics.js'

describeWith('redis', 'three replicas over one Redis', () => {
  const cluster = withCluster({ lease: 2_000, config: { limits: quickPolls } })
  const relayed = async () => {
    const each = cluster.urls.map((url) => metric(url, 'headcount_long_polls_relayed_total'))
    return (await Promise.all(each)).reduce((sum, one) => sum + one, 0)
  }

  describeWith('haproxy', 'behind HAProxy', () => {
    const cleanup = cleanups()
    describe.each([
      ['that sends each request to the next replica', 'roundrobin'],
      ['that sends the requests of a client to one replica', 'source'],
    ])('%s', (_, balance) => {
      let proxy: Awaited<ReturnType<typeof startProxyOf>>
      let before: number
      beforeAll(async () => {
        const [to, ...others] = cluster.servers.map(({ port }) => port) as [number, ...number[]]
        proxy = await startProxyOf('haproxy', { to, others, balance })
        before = await relayed()
      })
      afterAll(() => proxy?.stop())

      const options = { urls: () => [proxy.url], tokenOf, polls: true }
      stockClientsSuite(options)
      describe('in a network that blocks WebSockets', () => fallbackSuite(() => proxy.url))

      it('pass on the polls that reach another replica, and no others', async () => {
        if (balance === 'source') expect(await relayed()).toBe(before)
        else expect(await relayed()).toBeGreaterThan(before)
      })

      // Polls that reach their own replica are those of one server.
      if (balance === 'source') return
      describe('in a storm', () => storms({ ...options, clients: 150, runs: 2 }))

      it('move the clients of an exited replica to the others', async () => {
        const topic = newTopic('video')
        const open = async (phoenix: string) => {
          const page = await phoenixApp(phoenix, proxy.url, { polls: true })
          cleanup(() => page.socket.disconnect())
          return page.joinChannel(topic)
        }
        const pages = await Promise.all(pollingPhoenixes.map(open))
        await allShow(pages, 0, pages.length)
        const [dead] = cluster.servers
        await dead!.kill()
        // The pages may show old counts: with one more client, only those that reconnected show the correct count.
        pages.push(await open('phoenix'))
        await allShow(pages, 0, pages.length, 30_000)
        await dead!.start()
        await until('the restarted replica to serve the same counts', async () => {
          const response = await fetch(`${dead!.url}/api/counts/${topic}`)
          return sameCounts((await response.json()).counts, countsOf(0, pages.length))
        })
      }, 60_000)
    })
  })

  it('leave no keys in Redis after all clients have left', () => cluster.empty(), 30_000)
})
