import { pause, WireClient } from '@headcount/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allShow } from '../suites/stock-clients.js'
import { cleanups } from '../support/cleanup.js'
import { tokenOf, withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'
import { type PhoenixAppOptions, phoenixApp, phoenixes } from '../support/phoenix-app.js'
import { TopicClients } from '../support/topic-clients.js'

/** In ms. `CLUSTER_LEASE=10000` is the default of the command. */
const lease = Number(process.env.CLUSTER_LEASE ?? 2_000)
/** How often a replica renews its lease, in ms. */
const renewal = lease / 4
/** The time, in ms, that two processors need for five processes and 1,200 clients. */
const slack = 1_000
const topic = 'video:1'

describeWith('redis', 'three replicas', () => {
  const cluster = withCluster({ lease })
  const cleanup = cleanups()

  it('show the same counts on pages of each stock client before, during and after a crash', async () => {
    const page = async (phoenix: string, url: string, options?: PhoenixAppOptions) => {
      const app = await phoenixApp(phoenix, url, options)
      cleanup(() => app.socket.disconnect())
      return app.joinChannel(`video:${phoenix}`)
    }
    const [url1, url2, url3] = cluster.urls as [string, string, string]
    const user = { params: { token: tokenOf('7') } }
    const pages = await Promise.all(
      phoenixes.map((phoenix) =>
        Promise.all([
          page(phoenix, url1),
          page(phoenix, url2, user),
          page(phoenix, url3),
          page(phoenix, url1, user),
        ] as const),
      ),
    )
    for (const all of pages) await allShow(all, 2, 2)
    for (const [, , c] of pages) c.channel.leave()
    for (const [a, b, , d] of pages) await allShow([a, b, d], 2, 1)
    await cluster.servers[0]!.kill()
    for (const [, b] of pages) await allShow([b], 1, 0, lease + 1_000)
    await cluster.servers[0]!.start()
    for (const [a, b, , d] of pages) await allShow([a, b, d], 2, 1, 20_000)
  }, 60_000)

  describe('1,000 clients on the first and 100 on each other one', () => {
    const clients = new TopicClients(topic)
    const staying: WireClient[] = []
    const first = () => cluster.servers[0]!

    beforeAll(async () => {
      for (const url of cluster.urls.slice(1)) staying.push(...(await clients.join(url, 100)))
    }, 60_000)
    beforeEach(async () => {
      clients.bound(undefined)
      if (!first().running) await first().start()
      await clients.join(first().url, 1_200 - clients.open.length)
      await clients.converge(20_000)
    }, 60_000)
    afterAll(async () => {
      clients.drop()
      await cluster.empty()
    })

    const boundByTruths = () => clients.boundBetween(clients.count(staying), clients.truth)

    it('remove a paused replica after its lease, and count it again one renewal after it resumes', async () => {
      boundByTruths()
      const [without, all, size] = [clients.count(staying), clients.truth, clients.open.length]
      first().pause()
      const removed = await clients.converge(lease + slack, staying, without)
      await pause(lease / 2)
      first().resume()
      const returned = await clients.converge(renewal + slack, clients.open, all)
      console.info(`SIGSTOP: converged after ${Math.round(removed)} ms; SIGCONT: after ${Math.round(returned)} ms`)
      expect(clients.faults).toEqual([])
      expect(clients.open).toHaveLength(size)
    }, 90_000)

    it('show the truth at once after SIGTERM', async () => {
      boundByTruths()
      const truth = clients.count(staying)
      const start = performance.now()
      const stopped = first().stop()
      await clients.converge(slack, staying, truth)
      console.info(`SIGTERM: all converged after ${Math.round(performance.now() - start)} ms`)
      expect(await stopped).toEqual({ code: 0, signal: null })
      expect(clients.faults).toEqual([])
    }, 90_000)

    it('show the truth a lease and a second after SIGKILL, and no impossible counts before', async () => {
      boundByTruths()
      const truth = clients.count(staying)
      await first().kill()
      const took = await clients.converge(lease + slack, staying, truth)
      console.info(`SIGKILL: all converged after ${Math.round(took)} ms, with a lease of ${lease} ms`)
      expect(clients.faults).toEqual([])
      await first().start()
      clients.bound(undefined)
      await clients.join(first().url, 1)
      await clients.converge(slack + 1_000)
    }, 90_000)

    it('send all counts with the first state at a new replica', async () => {
      const added = await cluster.add()
      const truth = clients.truth
      const observer = await WireClient.open(added.url)
      await observer.enter(topic, { observe: true })
      expect(observer.events(topic, 'presence_state')[0]?.payload).toEqual(truth)
      await clients.join(added.url, 1)
      await clients.converge(slack)
      observer.drop()
      expect(clients.faults).toEqual([])
    }, 90_000)
  })
})
