import { redisEngine } from '@headcount/redis'
import { createHeadcount, type Headcount } from '@headcount/server'
import { FakeClock, pause, random } from '@headcount/testing'
import { describe, expect, it } from 'vitest'
import { cases } from '../../bench/simulate/cases.mjs'
import { memory, redis as redisModel } from '../../bench/simulate/engines.mjs'
import { main } from '../../bench/simulate/main.mjs'
import { mastersFor, needs, saidAgain } from '../../bench/simulate/needs.mjs'
import { defaultFlush, flushInterval } from '../../bench/simulate/pace.mjs'
import { checks, recorded } from '../../bench/simulate/points.mjs'
import { even, zipf } from '../../bench/simulate/random.mjs'
import { simulate } from '../../bench/simulate/simulate.mjs'
import { sum } from '../../bench/simulate/tally.mjs'
import { units } from '../../bench/simulate/units.mjs'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/redis.js'

/** Follows a topic as a page does by HTTP, and hears all. */
async function follow(headcount: Headcount, topic: string): Promise<void> {
  const { body } = await headcount.fetch(new Request(`http://localhost/api/counts/${topic}/stream`))
  void (async () => {
    const reader = body!.getReader()
    while (!(await reader.read()).done);
  })()
}

const small = { engine: redisModel, replicas: 5, frame: 0.01, leave: 200, seconds: 3, sizes: zipf(3000, 40) }

/** All that a run counted, without what only tells when. */
const outcome = (seed: number) => {
  const { tally, places } = simulate({ ...small, seed })
  return { ...tally, here: places.here }
}

describe('the simulation', () => {
  it('says the same for the same seed, and something else for another', () => {
    expect(outcome(7)).toEqual(outcome(7))
    expect(outcome(8)).not.toEqual(outcome(7))
  })

  it('loses nobody, and has nobody twice', () => {
    for (const balancer of ['any', 'turns', 'topic'] as const) {
      const { places, tally } = simulate({ ...small, balancer, drain: true, seed: 3 })
      expect(places.here.every((members) => members >= 0)).toBe(true)
      expect(places.here.reduce((all, members) => all + members, 0)).toBe(3000)
      expect(sum(tally.joins)).toBe(sum(tally.leaves))
      // In the end every place where anybody is was told what is true.
      const truth = new Map<number, number>()
      for (let i = 0; i < places.count; i++)
        truth.set(places.topic[i]!, (truth.get(places.topic[i]!) ?? 0) + places.here[i]!)
      for (let i = 0; i < places.count; i++)
        if (places.here[i]! > 0) expect(places.told[i]).toBe(truth.get(places.topic[i]!))
    }
  })

  it('puts every person into a topic, the second largest half as large as the largest', () => {
    const sizes = zipf(1_000_000, 10_000)
    expect(sizes.reduce((all, size) => all + size, 0)).toBe(1_000_000)
    expect(sizes[0]! / sizes[1]!).toBeCloseTo(2, 2)
    expect(even(10, 4)).toEqual(Int32Array.of(2, 3, 2, 3))
  })

  it('has ten million people in one topic as one number a replica', () => {
    const one = cases(units).find(({ world }) => world.sizes.length === 1)!
    const { places, people } = simulate({ ...one.world, lead: 0, seconds: 0.2 })
    expect(people).toBe(10_000_000)
    expect(places.count).toBe(one.world.replicas)
  })

  it('follows the flush rule of the server', async () => {
    const settings = { minimum: 30, maximum: 400, framesPerSecond: 100 }
    for (const [followers, flush] of [
      [1, settings],
      [7, settings],
      [60, settings],
      [300, undefined],
    ] as const) {
      const clock = new FakeClock()
      const headcount = createHeadcount({ clock, ...(flush === undefined ? {} : { flush }) })
      await headcount.ready
      for (let i = 0; i < followers; i++) await follow(headcount, 'busy')
      await clock.advance(0)
      const told: number[] = []
      headcount.on('counts', () => told.push(clock.now()))
      for (let i = 0; i < 50; i++) {
        headcount.track('busy', `p${i}`)
        await clock.advance(10)
      }
      const interval = flushInterval(followers, flush ?? defaultFlush)
      const gaps = told.slice(1).map((at, i) => at - told[i]!)
      expect(gaps.length, `${followers} followers`).toBeGreaterThanOrEqual(Math.floor(490 / interval) - 1)
      for (const gap of gaps) expect(gap, `${followers} followers`).toBe(interval)
      const closed = headcount.close()
      await clock.advance(10_000)
      await closed
    }
  })

  it('says what it does not know', async () => {
    await expect(main(['--frm', 'x'])).rejects.toThrow('--frm')
    await expect(main(['everything'])).rejects.toThrow('expected measure, or nothing, after simulate, got everything')
    await expect(main(['--from', '/nowhere/results.json'])).rejects.toThrow('expected results in /nowhere/results.json')
  })

  it('counts as many frames as were counted for real, to a quarter', () => {
    const counted = checks(recorded, units).filter(({ count }) => count)
    expect(counted.length).toBeGreaterThanOrEqual(5)
    for (const { what, measured, simulated } of counted) {
      expect(simulated / measured, what).toBeGreaterThan(0.75)
      expect(simulated / measured, what).toBeLessThan(1.25)
    }
  })
})

describe('what a simulated world takes', () => {
  it('has what has not moved said again, and what moves often hardly ever', () => {
    expect(saidAgain(Int32Array.of(5, 5), 0, 6000)).toBeCloseTo(2 / 6)
    expect(saidAgain(Int32Array.of(100), 0.1, 6000)).toBeLessThan(1e-20)
    expect(saidAgain(Int32Array.of(1), 0.001, 6000)).toBeCloseTo(1 / 6, 2)
  })

  it('spreads hash tags over masters until none is too busy, and says where one tag alone is', () => {
    expect(mastersFor([0.1, 0.1, 0.1])).toBe(1)
    expect(mastersFor([0.5, 0.5, 0.5])).toBe(3)
    expect(mastersFor([0.9, 0.1])).toBe(Number.POSITIVE_INFINITY)
  })

  it('grows with frames, and asks nothing of Redis where there is none', () => {
    const alone = { sizes: even(1000, 1), replicas: 1, engine: memory, frame: 0.01, seconds: 5, seed: 1 }
    const quiet = { ...alone, leave: 1 }
    const busy = { ...alone, leave: 100 }
    const less = needs(quiet, simulate(quiet), units)
    const more = needs(busy, simulate(busy), units)
    expect(more.cores).toBeGreaterThan(less.cores)
    expect(more.bandwidth).toBeGreaterThan(less.bandwidth)
    expect(more).not.toHaveProperty('commands')
  })
})

describeWith('redis', 'the simulation beside a real Redis', () => {
  const server = withRedis()
  const [replicas, topics, people, leave, seconds] = [3, 20, 1800, 100, 3]

  // As long as replicas gather, and longer.
  it.each([50, 200])(
    'counts as many commands, messages and flushes as Redis and three replicas do, to a quarter, where topics are told each %i ms',
    async (interval) => {
      const flush = { minimum: interval, maximum: interval, framesPerSecond: 1e9, share: 1 }
      const headcounts: Headcount[] = []
      let flushes = 0
      for (let r = 0; r < replicas; r++) {
        const headcount = createHeadcount({ engine: redisEngine({ urls: [server.url] }), flush })
        headcounts.push(headcount)
        await headcount.ready
        for (let t = 0; t < topics; t++) await follow(headcount, `t${t}`)
        headcount.on('counts', () => flushes++)
      }
      const place = (i: number) => [headcounts[i % replicas]!, `t${i % topics}`] as const
      for (let i = 0; i < people; i++) place(i)[0].track(place(i)[1], `p${i}`)
      await pause(1500)
      await server.ask('CONFIG', 'RESETSTAT')
      flushes = 0

      const chance = random(1)
      const back: Promise<void>[] = []
      const away = new Set<number>()
      const end = performance.now() + seconds * 1000
      for (let due = performance.now(); due < end; due += 1000 / leave) {
        await pause(Math.max(0, due - performance.now()))
        let one = chance.below(people)
        while (away.has(one)) one = chance.below(people)
        away.add(one)
        const [headcount, topic] = place(one)
        headcount.untrack(topic, `p${one}`)
        back.push(
          pause(500 + chance.below(1000)).then(() => {
            away.delete(one)
            headcount.track(topic, `p${one}`)
          }),
        )
      }
      await Promise.all(back)
      await pause(500)
      const stats = await server.ask('INFO', 'commandstats')
      const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
      for (const headcount of headcounts) await headcount.close()

      const { tally } = simulate({
        sizes: even(people, topics),
        replicas,
        engine: redisModel,
        balancer: 'turns',
        flush,
        frame: 0,
        leave,
        seconds,
        drain: true,
        seed: 1,
      })
      const pairs = [
        ['commands', calls('evalsha') + calls('eval'), tally.commits + tally.publishes],
        ['messages', calls('spublish') + calls('publish'), tally.published],
        ['flushes', flushes, sum(tally.flushes)],
      ] as const
      for (const [what, counted, simulated] of pairs) {
        console.info(`${what}: ${counted} counted, ${simulated} simulated`)
        expect(simulated / counted, what).toBeGreaterThan(0.75)
        expect(simulated / counted, what).toBeLessThan(1.25)
      }
    },
  )
})
