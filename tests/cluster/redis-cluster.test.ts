import { randomInt } from 'node:crypto'
import { pause, random } from '@headcount/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { redisCli } from '../support/redis.js'
import { withRedisCluster } from '../support/redis-cluster.js'
import { type HeadcountServer, startServer } from '../support/server.mjs'
import { churn } from './churn.js'
import { jwtSecret } from './cluster.js'
import { Fleet } from './fleet.js'

const lease = 2_000
/** Over enough topics that each master has some. */
const topics = Array.from({ length: 12 }, (_, i) => `video:${i}`)

describeWith('redis', 'two replicas over a Redis Cluster of three masters', () => {
  const cluster = withRedisCluster({ nodeTimeout: 1_500 })
  const servers: HeadcountServer[] = []
  const fleets = topics.map((topic) => new Fleet(topic))
  const urls = () => servers.map(({ url }) => url)
  const dice = random(randomInt(2 ** 31))

  beforeAll(async () => {
    const args = ['--redis', cluster.nodes.map(({ url }) => url).join(','), '--lease', String(lease)]
    for (let i = 0; i < 2; i++) servers.push(await startServer(args, { HEADCOUNT_JWT_SECRET: jwtSecret }))
    for (const fleet of fleets) for (const url of urls()) await fleet.join(url, 4)
    await right()
  }, 60_000)
  afterAll(async () => {
    for (const fleet of fleets) fleet.end()
    await Promise.all(servers.map((server) => server.stop()))
  })

  const right = (within = 10_000) => Promise.all(fleets.map((fleet) => fleet.right(within)))
  const breaches = () => fleets.flatMap((fleet) => fleet.breaches())
  /** Clients come and go in every topic; what it gives ends that. */
  const come = () => {
    const stops = fleets.map((fleet) => churn(fleet, urls, dice))
    return () => Promise.all(stops.map((stop) => stop()))
  }

  it('are exact after slots have moved while clients came and went', async () => {
    const stop = come()
    const ids = await Promise.all(
      cluster.nodes.map(async ({ port }) => (await redisCli('-p', String(port), 'CLUSTER', 'MYID')).trim()),
    )
    const [from, to] = ids as [string, string]
    const flags = ['--cluster-from', from, '--cluster-to', to, '--cluster-slots', '2000', '--cluster-yes']
    await redisCli('--cluster', 'reshard', `127.0.0.1:${cluster.nodes[0]!.port}`, ...flags)
    await stop()
    await right(lease)
    expect(breaches()).toEqual([])
  }, 90_000)

  it('are exact after a master was killed, and its replica promoted, while clients came and went', async () => {
    const stop = come()
    const master = await cluster.masterOf('{hc:1}')
    await master.kill()
    await pause(lease)
    await cluster.settle()
    const settled = performance.now()
    await stop()
    await right(lease)
    console.info(`a master was killed: right ${Math.round(performance.now() - settled)} ms after the promotion`)
    expect(breaches()).toEqual([])
    await master.start()
    await cluster.settle()
    await Promise.all(fleets.map((fleet) => fleet.join(urls()[0]!, 1)))
    await right()
  }, 90_000)
})
