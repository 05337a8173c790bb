import { randomInt } from 'node:crypto'
import { pause, random } from '@headcount/testing'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jwtSecret } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'
import { TopicClients } from '../support/topic-clients.js'
import { withRedisCluster } from '../support/with-redis.js'

const lease = 2_000

describeWith('redis', 'two replicas over a Redis Cluster of three masters', () => {
  const cluster = withRedisCluster()
  const servers: HeadcountServer[] = []
  // Enough topics that each master has some.
  const topics = Array.from({ length: 12 }, (_, i) => new TopicClients(`video:${i}`))
  const urls = () => servers.map(({ url }) => url)
  const seeded = random(randomInt(2 ** 31))

  const converge = (within = 10_000) => Promise.all(topics.map((clients) => clients.converge(within)))
  const faults = () => topics.flatMap((clients) => clients.faults)
  const churn = () => {
    const stops = topics.map((clients) => clients.churn(urls, seeded))
    return () => Promise.all(stops.map((stop) => stop()))
  }

  beforeAll(async () => {
    const nodes = cluster().nodes.map(({ url }) => url)
    const args = ['--redis', nodes.join(','), '--lease', String(lease)]
    for (let i = 0; i < 2; i++) servers.push(await startServer(args, { env: { HEADCOUNT_JWT_SECRET: jwtSecret } }))
    for (const clients of topics) for (const url of urls()) await clients.join(url, 4)
    await converge()
  }, 60_000)
  afterAll(async () => {
    for (const clients of topics) clients.drop()
    await Promise.all(servers.map((server) => server.stop()))
  })

  it('are exact after slots have moved while clients churned', async () => {
    const stopChurn = churn()
    expect(await cluster().moveSlots(9)).toBeGreaterThan(20)
    await stopChurn()
    await converge(lease)
    expect(faults()).toEqual([])
    // A node without the move in its configuration would not see the slots of a promoted replica.
    await cluster().settle()
  }, 90_000)

  it('are exact after a master was killed and its replica promoted while clients churned', async () => {
    const stopChurn = churn()
    const master = await cluster().masterOf('{1}')
    await master.kill()
    await pause(lease)
    await cluster().settle()
    const settled = performance.now()
    await stopChurn()
    await converge(lease)
    console.info(`a master was killed: converged ${Math.round(performance.now() - settled)} ms after the promotion`)
    expect(faults()).toEqual([])
    await master.start()
    await cluster().settle()
    await Promise.all(topics.map((clients) => clients.join(urls()[0]!, 1)))
    await converge()
  }, 90_000)
})
