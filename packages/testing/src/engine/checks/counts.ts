import { describe, expect, it } from 'vitest'
import { until } from '../../until.js'
import type { Stage } from '../stage.js'

export function countsChecks(stage: () => Stage): void {
  describe('counts', () => {
    it('are zero where nobody is', async () => {
      const [member] = await stage().watching('t', 1)
      expect(member!.heard.get('t')).toEqual([0, 0])
      expect(await member!.replica.engine.read(['t'])).toEqual([[0, 0]])
    })

    it('are what one replica holds, group by group, and it is told of its own', async () => {
      const [member] = await stage().watching('t', 1)
      member!.hold('t', 2, 3)
      expect(await member!.commit()).toBe('kept')
      await stage().shows('t', [2, 3])
      member!.hold('t', 0, 1)
      expect(await member!.commit()).toBe('kept')
      await stage().shows('t', [0, 1])
    })

    it('are the sum of what all replicas hold', async () => {
      const members = await stage().watching('t', 3)
      members.forEach((member, i) => void member.hold('t', i, 10 * i))
      await Promise.all(members.map((member) => member.commit()))
      await stage().shows('t', [3, 30])
    })

    it('are known whole to a replica that comes later', async () => {
      const first = await stage().member()
      first.hold('t', 4, 5)
      await first.commit()
      const second = await stage().member()
      expect(await second.replica.engine.watch('t')).toEqual([4, 5])
    })

    it('do not change by a repeat', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.hold('t', 1, 2)
      for (let i = 0; i < 3; i++) {
        a!.sayAll()
        await a!.commit()
      }
      await stage().shows('t', [1, 2])
      b!.hold('t', 1, 1)
      await b!.commit()
      a!.sayAll()
      await a!.commit()
      await stage().shows('t', [2, 3])
    })

    it('do not depend on the order in which a commit names topics', async () => {
      const [a, b] = await stage().watching('t', 2)
      for (const member of [a!, b!]) for (const topic of ['t', 'u', 'v']) member.hold(topic, 1, topic.charCodeAt(0))
      await a!.commit()
      await b!.commit((changes) => changes.reverse())
      await stage().shows('t', [2, 232])
      expect(await a!.replica.engine.read(['v', 't', 'u'])).toEqual([
        [2, 236],
        [2, 232],
        [2, 234],
      ])
    })

    it('are read in the order asked, as often as asked, and zero where unknown', async () => {
      const a = await stage().member()
      a.hold('t', 7, 0)
      await a.commit()
      expect(await a.replica.engine.read(['nobody', 't', 't'])).toEqual([
        [0, 0],
        [7, 0],
        [7, 0],
      ])
      expect(await a.replica.engine.read([])).toEqual([])
    })

    it('of topics with odd names are kept apart', async () => {
      const names = ['a', 'a:b', 'a:b:', '{a}', '}{', 'ä ö', 'leases', '*', '%61', 'a\nb', 'x'.repeat(300)]
      const a = await stage().member()
      const b = await stage().member()
      for (const name of names) await b.watch(name)
      names.forEach((name, i) => void a.hold(name, i + 1, 0))
      await a.commit()
      for (const [i, name] of names.entries()) await stage().shows(name, [i + 1, 0])
    })

    it('of very many topics fit in one commit', async () => {
      const a = await stage().member()
      const b = await stage().member()
      const names = Array.from({ length: 1500 }, (_, i) => `topic:${i}`)
      names.forEach((name, i) => void a.hold(name, i % 7, 1))
      expect(await a.commit()).toBe('kept')
      expect(await b.replica.engine.read(names)).toEqual(names.map((_, i) => [i % 7, 1]))
    })
  })

  describe('a watcher', () => {
    it('hears of its topics and of no other', async () => {
      const [a] = await stage().watching('t', 1)
      const b = await stage().member()
      b.hold('other', 5, 5)
      b.hold('t', 1, 0)
      await b.commit()
      await stage().shows('t', [1, 0])
      expect(a!.news.map(({ topic }) => topic)).not.toContain('other')
    })

    it('misses nothing that is committed while it begins to watch', async () => {
      const a = await stage().member()
      const b = await stage().member()
      for (let i = 1; i <= 20; i++) {
        const topic = `t${i}`
        a.hold(topic, i, 0)
        await a.commit()
        a.hold(topic, i, i)
        const [, answer] = await Promise.all([b.watch(topic), a.commit()])
        expect(answer).toBe('kept')
        await stage().shows(topic, [i, i])
      }
    })

    it('hears no more of a topic that it has left, and all of it once it is back', async () => {
      const [a, b] = await stage().watching('t', 2)
      await b!.unwatch('t')
      const heard = b!.news.length
      a!.hold('t', 1, 0)
      await a!.commit()
      await stage().shows('t', [1, 0])
      await b!.watch('other')
      a!.hold('other', 1, 0)
      await a!.commit()
      await stage().shows('other', [1, 0])
      expect(b!.news.slice(heard).filter(({ topic }) => topic === 't')).toEqual([])
      await b!.watch('t')
      expect(b!.heard.get('t')).toEqual([1, 0])
      a!.hold('t', 2, 0)
      await a!.commit()
      await stage().shows('t', [2, 0])
    })

    it('may watch a topic that it watches, and leave one that it does not', async () => {
      const [a] = await stage().watching('t', 1)
      await a!.watch('t')
      await a!.unwatch('never')
      a!.hold('t', 1, 1)
      await a!.commit()
      await stage().shows('t', [1, 1])
    })

    it('comes to the same figures as all others after a storm, and hears of none that never was', async () => {
      const members = await stage().watching('t', 3)
      for (let round = 1; round <= 40; round++) {
        for (const [i, member] of members.entries()) member.hold('t', round % (i + 2), round)
        await Promise.all(members.map((member) => member.commit()))
      }
      await stage().shows('t')
      for (const member of members) {
        for (const { totals } of member.news) {
          expect(totals[0]).toBeLessThanOrEqual(1 + 2 + 3)
          expect(totals[1]).toBeLessThanOrEqual(120)
          expect(Math.min(...totals)).toBeGreaterThanOrEqual(0)
        }
      }
    })

    it('is told at once of what moves in a quiet topic', async () => {
      const [a, b] = await stage().watching('t', 2)
      for (let i = 1; i <= 3; i++) {
        a!.hold('t', i, 0)
        await a!.commit()
        await until('the news', () => b!.knows('t', [i, 0]))
      }
    })
  })
}
