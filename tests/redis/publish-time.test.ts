import type { DurationName } from '@headcount/core'
import { redisEngine } from '@headcount/redis'
import { until } from '@headcount/testing'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts } from './replica.js'

describeWith('redis', 'the time from a commit to its message', () => {
  const redis = withRedis()
  const cleanup = cleanups()

  it('is observed once for a change of a watched topic, and not for a topic that is not watched here', async () => {
    const engine = redisEngine({ urls: [redis().url] })
    cleanup(() => engine.close())
    const observed: [name: DurationName, seconds: number][] = []
    const observe = (name: DurationName, seconds: number) => void observed.push([name, seconds])
    await engine.open('a', { groups: 2, lease: 10_000, changed() {}, observe })
    await engine.watch('t')
    await engine.commit([counts('other', 1, 0)])
    await engine.commit([counts('t', 1, 0)])
    await until('the message', () => observed.length > 0)
    expect(observed.map(([name]) => name)).toEqual(['publish'])
    expect(observed[0]![1]).toBeGreaterThan(0)
    expect(observed[0]![1]).toBeLessThan(5)
  })
})
