import { describe, expect } from 'vitest'
import type { RegisterCheck } from '../scenario-check.js'

export function countTests(it: RegisterCheck): void {
  describe('counts', () => {
    it('are zero in an unknown topic', async (scenario) => {
      const [a] = await scenario.openTwo('t')
      expect(a.latest.get('t')).toEqual([0, 0])
      expect(await a.replica.engine.read(['t'])).toEqual([[0, 0]])
    })

    it('are the sum of all replicas, and every replica receives them, including its own changes', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      const c = await scenario.open()
      await c.watch('t')
      a.set('t', 2, 3)
      expect(await a.commit()).toBe('kept')
      await scenario.shows('t', [2, 3])
      b.set('t', 1, 10)
      c.set('t', 0, 20)
      await Promise.all([b.commit(), c.commit()])
      await scenario.shows('t', [3, 33])
      a.set('t', 0, 1)
      await a.commit()
      await scenario.shows('t', [1, 31])
    })

    it('are complete on a replica that joins later', async (scenario) => {
      const first = await scenario.open()
      first.set('t', 4, 5)
      await first.commit()
      const second = await scenario.open()
      expect(await second.replica.engine.watch('t')).toEqual([4, 5])
    })

    it('are the same after a repeated commit', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      b.set('t', 1, 1)
      await b.commit()
      a.set('t', 1, 2)
      for (let i = 0; i < 3; i++) {
        a.markAll()
        await a.commit()
      }
      await scenario.shows('t', [2, 3])
    })

    it('do not depend on the order of topics in a commit', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      for (const member of [a, b]) for (const topic of ['t', 'u', 'v']) member.set(topic, 1, topic.charCodeAt(0))
      await a.commit()
      await b.commit(true)
      await scenario.shows('t', [2, 232])
      expect(await a.replica.engine.read(['v', 't', 'u'])).toEqual([
        [2, 236],
        [2, 232],
        [2, 234],
      ])
    })

    it('are read in the given order, with zeros for unknown topics', async (scenario) => {
      const a = await scenario.open()
      a.set('t', 7, 0)
      await a.commit()
      expect(await a.replica.engine.read(['unknown', 't', 't'])).toEqual([
        [0, 0],
        [7, 0],
        [7, 0],
      ])
      expect(await a.replica.engine.read([])).toEqual([])
    })

    it('of topics with unusual names are separate', async (scenario) => {
      const names = ['a', 'a:b', 'a:b:', '{a}', '}{', 'ä ö', 'leases', '*', '%61', 'a\nb', 'x'.repeat(300)]
      const a = await scenario.open()
      const b = await scenario.open()
      for (const name of names) await b.watch(name)
      names.forEach((name, i) => void a.set(name, i + 1, 0))
      await a.commit()
      for (const [i, name] of names.entries()) await scenario.shows(name, [i + 1, 0])
    })

    it('of 1,500 topics fit in one commit', async (scenario) => {
      const a = await scenario.open()
      const b = await scenario.open()
      const names = Array.from({ length: 1500 }, (_, i) => `topic:${i}`)
      names.forEach((name, i) => void a.set(name, i % 7, 1))
      expect(await a.commit()).toBe('kept')
      expect(await b.replica.engine.read(names)).toEqual(names.map((_, i) => [i % 7, 1]))
    })
  })

  describe('a watching replica', () => {
    it('receives its topics and no others', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      b.set('other', 5, 5)
      b.set('t', 1, 0)
      await b.commit()
      await scenario.shows('t', [1, 0])
      expect(a.received.map(({ topic }) => topic)).not.toContain('other')
    })

    it('misses no commit that happens while a watch begins', async (scenario) => {
      const a = await scenario.open()
      const b = await scenario.open()
      for (let i = 1; i <= 20; i++) {
        const topic = `t${i}`
        a.set(topic, i, 0)
        await a.commit()
        a.set(topic, i, i)
        const [, outcome] = await Promise.all([b.watch(topic), a.commit()])
        expect(outcome).toBe('kept')
        await scenario.shows(topic, [i, i])
      }
    })

    it('receives nothing of an unwatched topic, and everything after it watches again', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      await b.unwatch('t')
      const before = b.received.length
      a.set('t', 1, 0)
      await a.commit()
      await scenario.shows('t', [1, 0])
      await b.watch('other')
      a.set('other', 1, 0)
      await a.commit()
      await scenario.shows('other', [1, 0])
      expect(b.received.slice(before).map(({ topic }) => topic)).not.toContain('t')
      await b.watch('t')
      expect(b.latest.get('t')).toEqual([1, 0])
      a.set('t', 2, 0)
      await a.commit()
      await scenario.shows('t', [2, 0])
    })

    it('may watch a topic twice, and unwatch one that it does not watch', async (scenario) => {
      const [a] = await scenario.openTwo('t')
      await a.watch('t')
      await a.unwatch('never watched')
      a.set('t', 1, 1)
      await a.commit()
      await scenario.shows('t', [1, 1])
    })

    it('receives the final totals of a storm, and never more than the maximum so far', async (scenario) => {
      const members = [...(await scenario.openTwo('t')), await scenario.open()]
      await members[2]!.watch('t')
      for (let round = 1; round <= 40; round++) {
        for (const [i, member] of members.entries()) member.set('t', round % (i + 2), round)
        await Promise.all(members.map((member) => member.commit()))
      }
      await scenario.shows('t')
      for (const { totals } of members.flatMap(({ received }) => received)) {
        expect(totals[0]).toBeLessThanOrEqual(1 + 2 + 3)
        expect(totals[1]).toBeLessThanOrEqual(120)
        expect(Math.min(...totals)).toBeGreaterThanOrEqual(0)
      }
    })

    it('receives each change of a quiet topic without waiting for the next', async (scenario) => {
      const [a] = await scenario.openTwo('t')
      for (let i = 1; i <= 3; i++) {
        a.set('t', i, 0)
        await a.commit()
        await scenario.shows('t', [i, 0])
      }
    })
  })
}
