import { pause, until } from '@headcount/testing'
import { afterEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/redis.js'
import { startProxy } from './proxy.js'
import { counts, openReplica } from './replica.js'

describeWith('redis', 'a topic that is watched, given up and watched again', () => {
  const redis = withRedis()
  const undos: (() => unknown)[] = []
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) await undo()
  })
  async function replica(url = redis.url) {
    const opened = await openReplica({ urls: [url], lease: 60_000 })
    undos.push(() => opened.engine.close())
    return opened
  }

  it('is heard all the same, however quick that was', async () => {
    const [a, b] = [await replica(), await replica()]
    await a.watch('t')
    for (let i = 1; i <= 20; i++) {
      await a.engine.unwatch('t')
      await a.watch('t')
      await b.engine.commit([counts('t', i, 0)])
      await until('it to be heard', () => a.now('t')?.[0] === i, { within: 2_000 })
    }
  })

  it('is not told of what the first watch would have been answered, once that comes', async () => {
    const proxy = await startProxy(redis.port)
    undos.push(() => proxy.stop())
    const [a, b] = [await replica(proxy.url), await replica()]
    await b.engine.commit([counts('u', 1, 2)])
    proxy.hold()
    const first = a.engine.watch('u')
    await pause(20)
    await a.engine.unwatch('u')
    proxy.heal()
    await a.watch('u')
    await until('it to be heard', () => String(a.now('u')) === '1,2')
    await first
    await pause(1_500)
    expect(String(a.now('u'))).toBe('1,2')
  })
})
