import type { Change } from '@headcount/server'
import { pause, until } from '@headcount/testing'
import { afterEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { RedisServer, withRedis } from '../support/redis.js'
import { type RedisProxy, startProxy } from './proxy.js'
import { counts, openReplica, people, type TestReplica } from './replica.js'

const lease = 2_000

describeWith('redis', 'when Redis fails', () => {
  const redis = withRedis()
  const cleanup: (() => unknown)[] = []
  afterEach(async () => {
    for (const undo of cleanup.splice(0).reverse()) await undo()
    if (!redis.running) await redis.start()
    await redis.ask('FLUSHALL')
  })

  /** A replica that renews its lease, and says `holding` anew when it was lost. */
  async function replica(url: string, holding: () => Change[] = () => []): Promise<TestReplica> {
    const opened = await openReplica({ urls: [url], lease })
    await opened.watch('t')
    const stop = opened.renew(holding)
    cleanup.push(async () => {
      stop()
      await opened.engine.close()
    })
    return opened
  }

  async function proxied(): Promise<RedisProxy> {
    const proxy = await startProxy(redis.port)
    cleanup.push(() => proxy.stop())
    return proxy
  }

  const shows = (list: readonly TestReplica[], totals: readonly number[], within = lease + 1_000) =>
    until(`all to show ${totals}`, () => list.every(({ now }) => JSON.stringify(now('t')) === JSON.stringify(totals)), {
      within,
      got: () => list.map(({ now }) => now('t')),
    })

  it('a lease that ends in a month, as after a clock that went wrong, is waited for and not asked after without end', async () => {
    const a = await replica(redis.url, () => [counts('t', 1, 2)])
    await shows([a], [1, 2])
    const future = Date.now() + 30 * 86_400_000
    await redis.ask('HSET', 'headcount:{hc:0}:leases', 'ghost', `${future} 1`)
    await pause(lease)
    const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.ask('INFO', 'stats'))?.[1])
    const before = await commands()
    await pause(1_000)
    expect((await commands()) - before).toBeLessThan(100)
  })

  it('a commit is answered with lost by one that was restarted empty, and all is right within a lease', async () => {
    let mine = counts('t', 1, 2)
    const a = await replica(redis.url, () => [mine])
    const b = await replica(redis.url, () => [counts('t', 10, 20)])
    await shows([a, b], [11, 22])
    await redis.restartEmpty()
    mine = counts('t', 2, 2)
    await shows([a, b], [12, 22])
    expect(await b.engine.read(['t'])).toEqual([[12, 22]])
  })

  it('commits fail at once while it is gone, and what moves here shows on top of what was known', async () => {
    const proxy = await proxied()
    const a = await openReplica({ urls: [proxy.url], lease })
    cleanup.push(() => a.engine.close())
    const b = await replica(redis.url, () => [counts('t', 10, 10)])
    await a.watch('t')
    const ann = { key: 'ann', group: 0, held: false, device: null }
    const bob = { key: 'bob', group: 1, held: false, device: null }
    await a.engine.commit([{ ...counts('t', 1, 1), people: [ann] }])
    await shows([a, b], [12, 11])
    proxy.kill()
    await until('the end of the connection', () =>
      a.engine.commit([]).then(
        () => false,
        () => true,
      ),
    )
    const before = performance.now()
    for (let i = 1; i <= 50; i++) await expect(a.engine.commit([counts('t', i, 1)])).rejects.toThrow('of Redis')
    expect(performance.now() - before).toBeLessThan(500)
    expect(a.now('t')).toEqual([61, 11])
    // Ann has left, Bob has come, and five have gone.
    const gone = { ...ann, group: null }
    await expect(a.engine.commit([{ ...counts('t', 45, 1), people: [gone, bob] }])).rejects.toMatchObject({
      code: 'unreachable',
    })
    expect(a.now('t')).toEqual([55, 12])
    // A topic that begins meanwhile starts from what is known here.
    expect(await a.watch('new')).toEqual([0, 0])
    await expect(a.engine.commit([counts('new', 3, 0)])).rejects.toThrow()
    await until('its own to show', () => a.now('new')?.[0] === 3)

    // The others forget it, once its lease is over.
    await shows([b], [10, 10])
    proxy.heal()
    const all = [{ ...counts('t', 45, 1), people: [gone, bob] }, counts('new', 3, 0)]
    await until('its return', async () => (await a.engine.commit(all).catch(() => 'failed')) === 'kept')
    await shows([a, b], [55, 12])
    expect(await b.engine.read(['new'])).toEqual([[3, 0]])
  })

  it('a network that swallows all is noticed, and is no reason to keep what cannot be sent', async () => {
    const proxy = await proxied()
    const a = await openReplica({ urls: [proxy.url], lease })
    cleanup.push(() => a.engine.close())
    await a.watch('t')
    const many = (i: number) => Array.from({ length: 500 }, (_, n) => counts(`many:${n}`, i, i))
    await a.engine.commit(many(0))
    proxy.cut()
    const before = performance.now()
    await expect(a.engine.commit(many(1))).rejects.toMatchObject({ code: 'unreachable' })
    expect(performance.now() - before).toBeLessThan(1_500)
    global.gc?.()
    const heap = process.memoryUsage().heapUsed
    // Not `expect(…).rejects`: it keeps what it was given.
    let kept = 0
    for (let i = 2; i < 400; i++)
      await a.engine.commit(many(i)).then(
        () => kept++,
        () => {},
      )
    expect(kept).toBe(0)
    global.gc?.()
    expect((process.memoryUsage().heapUsed - heap) / 1e6).toBeLessThan(30)
    proxy.heal()
    await until('its return', async () => (await a.engine.commit(many(7)).catch(() => 'failed')) === 'kept')
    expect(await a.engine.read(['many:499'])).toEqual([[7, 7]])
  })

  it('one that stands still for longer than a lease has all counts right soon after it goes on', async () => {
    let mine = counts('t', 1, 1)
    const a = await replica(redis.url, () => [mine])
    const b = await replica(redis.url, () => [counts('t', 5, 5)])
    await shows([a, b], [6, 6])
    const heard = b.news.length
    redis.pause()
    await pause(lease * 1.5)
    mine = counts('t', 3, 1)
    redis.resume()
    await shows([a, b], [8, 6])
    // Nobody was forgotten for having been kept waiting.
    for (const { topic, totals } of b.news.slice(heard)) {
      if (topic === 't') expect(totals[0]).toBeGreaterThanOrEqual(6)
    }
  })

  it('one that fails over to a stale copy is told anew what it has missed, people too', async () => {
    const copy = new RedisServer()
    await copy.start()
    cleanup.push(() => copy.remove())
    await copy.ask('REPLICAOF', '127.0.0.1', String(redis.port))
    const proxy = await proxied()
    const person = (key: string, group: number | null) => ({ key, group, held: false, device: null })
    let holding: Change[] = [{ ...counts('t', 1, 1), people: [person('early', 0), person('leaver', 1)] }]
    const a = await replica(proxy.url, () => holding)
    const b = await replica(proxy.url, () => [counts('t', 0, 10)])
    await shows([a, b], [2, 12])
    await until('the copy to follow', async () => (await copy.ask('DBSIZE')) === (await redis.ask('DBSIZE')))
    await until('the copy to know all', async () =>
      (await copy.ask('HGET', 'headcount:{hc:0}:topic:t', 't')).includes('2 12'),
    )
    await copy.ask('REPLICAOF', 'NO', 'ONE')

    // The copy never hears of this.
    const later = { ...counts('t', 4, 1), people: [person('leaver', null), person('late', 0)] }
    holding = [{ ...counts('t', 4, 1), people: [person('early', 0), person('late', 0)] }]
    await until('a moment between renewals', async () => (await a.engine.commit([later])) === 'kept')
    await shows([a, b], [6, 11])
    proxy.lead(copy.port)
    await redis.kill()
    await until('the copy to know all', async () =>
      (await copy.ask('HGET', 'headcount:{hc:0}:topic:t', 't')).includes('6 11'),
    )
    // One renewal later nothing has come back that was gone.
    await pause(lease)
    await shows([a, b], [6, 11])
    expect(await b.engine.read(['t'])).toEqual([[6, 11]])
  })

  it('a replica that dies is forgotten within its lease and a second, with no figure that never was', async () => {
    const proxy = await proxied()
    const a = await openReplica({ urls: [proxy.url], lease })
    const stop = a.renew(() => [counts('t', 500, 500)])
    cleanup.push(() => {
      stop()
      return a.engine.close()
    })
    const others = [
      await replica(redis.url, () => [counts('t', 1, 0)]),
      await replica(redis.url, () => [counts('t', 2, 0)]),
    ]
    await shows(others, [503, 500])
    const heard = others.map(({ news }) => news.length)
    proxy.kill()
    stop()
    const died = performance.now()
    await shows(others, [3, 0])
    console.info(`forgotten ${Math.round(performance.now() - died)} ms after its death, with a lease of ${lease} ms`)
    others.forEach(({ news }, i) => {
      for (const { totals } of news.slice(heard[i])) expect(totals).toEqual([3, 0])
    })
  })

  it('a commit that arrives long after its sender has given it up, and said more, changes nothing', async () => {
    const proxy = await proxied()
    const a = await openReplica({ urls: [proxy.url], lease })
    cleanup.push(() => a.engine.close())
    await a.engine.commit([counts('t', 1, 0)])
    const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.ask('INFO', 'commandstats'))?.[1])
    proxy.hold()
    await expect(a.engine.commit([counts('t', 5, 0)])).rejects.toMatchObject({ code: 'unreachable' })
    await pause(lease)
    proxy.pass()
    const say = () => a.engine.commit([counts('t', 7, 0)]).catch(() => 'failed')
    await until('a newer word to be kept', async () => (await say()) === 'kept')
    const before = await calls()
    proxy.heal()
    await until('the late one to arrive', async () => (await calls()) > before)
    expect(await a.engine.read(['t'])).toEqual([[7, 0]])
  })

  it('a replica does not open where there is no Redis, and says so', async () => {
    await expect(openReplica({ urls: ['redis://user:hunter2@127.0.0.1:1'], lease: 500 })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^expected a Redis at 127\.0\.0\.1:1, got: (?!.*hunter2)/),
    })
  })

  it('a topic that was evicted comes back within a lease, with its people, and without those of another topic', async () => {
    const ann = { key: 'ann', group: 0, held: false, device: null }
    const bob = { key: 'bob', group: 1, held: false, device: null }
    const a = await replica(redis.url, () => [people('t', ann, bob), people('u', ann)])
    const b = await replica(redis.url, () => [counts('t', 1, 1)])
    await shows([a, b], [2, 2])
    await redis.ask('DEL', 'headcount:{hc:0}:topic:t')
    await until('it to be back', async () => String(await b.engine.read(['t', 'u'])) === '2,2,1,0', {
      within: lease + 1_000,
    })
    await shows([a, b], [2, 2])
  })
})
