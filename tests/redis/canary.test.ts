import { silentLogger } from '@headcount/core'
import { redisEngine } from '@headcount/redis'
import { createHeadcount, createMetrics } from '@headcount/server'
import { pause, until } from '@headcount/testing'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

describeWith('redis', 'the canary over Redis', () => {
  const redis = withRedis()
  const cleanup = cleanups()

  async function open(canary: number) {
    const metrics = createMetrics({ process: false })
    const engine = redisEngine({ urls: [redis().url], logger: silentLogger })
    const headcount = createHeadcount({ engine, metrics, canary, lease: 2_000, logger: silentLogger })
    let isClosed = false
    const close = async () => {
      if (!isClosed) await headcount.close()
      isClosed = true
    }
    cleanup(close)
    await headcount.ready
    const value = async (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await metrics.text())?.[1])
    return { headcount, close, value }
  }

  it('costs one command for each measurement, and leaves no keys in Redis', async () => {
    const idle = await open(0)
    const scripts = async () => {
      const stats = await redis().command('INFO', 'commandstats')
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])
    }
    const commands = async (ms: number) => {
      const before = await scripts()
      await pause(ms)
      return (await scripts()) - before
    }
    const without = await commands(4_000)
    await idle.close()
    const { close, value } = await open(200)
    const withCanary = await commands(4_000)
    const measured = await value('headcount_freshness_seconds_count')
    console.info(`canary: ${measured} measurements, ${withCanary} scripts in 4 s, ${without} without`)
    expect(measured).toBeGreaterThan(10)
    expect(withCanary - without).toBeLessThanOrEqual(measured * 1.2)
    expect(await value('headcount_staleness_seconds')).toBeLessThan(1)
    await close()
    await until('an empty Redis', async () => (await redis().command('DBSIZE')) === '0')
  })

  it('is stale while Redis is paused, and fresh again after it', async () => {
    const { value } = await open(100)
    await until('a measurement', async () => (await value('headcount_freshness_seconds_count')) > 0)
    redis().pause()
    await until('staleness', async () => (await value('headcount_staleness_seconds')) > 1.5)
    redis().resume()
    await until('freshness', async () => (await value('headcount_staleness_seconds')) < 0.5, { within: 15_000 })
  })
})
