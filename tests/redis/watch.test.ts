import { pause, until } from '@headcount/testing'
import { startProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts, openReplica } from './replica.js'

describeWith('redis', 'a topic that is unwatched and watched again', () => {
  const redis = withRedis()
  const cleanup = cleanups()
  const open = (url = redis().url) => openReplica(cleanup, { urls: [url] }, { lease: 60_000 })

  it('is subscribed in the end, even after rapid changes', async () => {
    const [a, b] = [await open(), await open()]
    await a.watch('t')
    for (let i = 1; i <= 20; i++) {
      await a.engine.unwatch('t')
      await a.watch('t')
      await b.engine.commit([counts('t', i, 0)])
      await until('the change', () => a.latest('t')?.[0] === i, { within: 2_000 })
    }
  })

  it('ignores the stale response of the first watch', async () => {
    const proxy = await startProxy(redis().port)
    cleanup(() => proxy.stop())
    const [a, b] = [await open(proxy.redisUrl), await open()]
    await b.engine.commit([counts('u', 1, 2)])
    proxy.delay()
    const first = a.engine.watch('u')
    await pause(20)
    await a.engine.unwatch('u')
    proxy.heal()
    await a.watch('u')
    await until('the totals', () => String(a.latest('u')) === '1,2')
    await first
    await pause(1_500)
    expect(String(a.latest('u'))).toBe('1,2')
  })

  it('reports changes although a commit of the topic was in flight', async () => {
    const proxy = await startProxy(redis().port)
    cleanup(() => proxy.stop())
    const [a, b] = [await open(proxy.redisUrl), await open()]
    await a.watch('v')
    proxy.delay()
    const committed = a.engine.commit([counts('v', 0, 0)])
    await pause(20)
    await a.engine.unwatch('v')
    const watched = a.watch('v')
    proxy.heal()
    await Promise.all([committed, watched])
    await b.engine.commit([counts('v', 3, 0)])
    await until('the change', () => a.latest('v')?.[0] === 3, { within: 2_000 })
  })
})
