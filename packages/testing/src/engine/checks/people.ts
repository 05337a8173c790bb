import { describe, expect } from 'vitest'
import type { Member } from '../member.js'
import { peopleCases } from '../people-cases.js'
import type { RegisterCheck } from '../scenario-check.js'

export function peopleTests(it: RegisterCheck): void {
  describe('people', () => {
    for (const [title, steps] of Object.entries(peopleCases)) {
      it(title, async (scenario) => {
        const observer = await scenario.open()
        await observer.watch('t')
        const members = new Map<string, Member>()
        for (const [replica, change, totals] of steps) {
          const member = members.get(replica) ?? (await scenario.open())
          members.set(replica, member)
          if (change === 'is removed') await scenario.close(member)
          else {
            member.setPeople('t', change)
            await member.commit()
          }
          await scenario.shows('t', totals)
        }
      })
    }

    it('count beside connections', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      a.set('t', 1, 1)
      for (const member of [a, b]) {
        member.setPeople('t', { ann: 1 })
        await member.commit()
      }
      await scenario.shows('t', [1, 2])
    })

    it('are separate in different topics', async (scenario) => {
      const [a] = await scenario.openTwo('t')
      await a.watch('u')
      a.setPeople('t', { ann: 0 })
      a.setPeople('u', { ann: 1 })
      await a.commit()
      await scenario.shows('t', [1, 0])
      await scenario.shows('u', [0, 1])
    })

    it('do not flicker when they move to another replica', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      a.setPeople('t', { ann: 1 })
      await a.commit()
      await scenario.shows('t', [0, 1])
      const before = a.received.length
      b.setPeople('t', { ann: 1 })
      await b.commit()
      a.setPeople('t', { ann: null })
      await a.commit()
      b.setPeople('t', { bob: 1 })
      await b.commit()
      await scenario.shows('t', [0, 2])
      for (const { totals } of a.received.slice(before)) expect([1, 2]).toContain(totals[1])
    })

    it('may be 1,500 in one commit', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      const people = (from: number, to: number) =>
        Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`p${from + i}`, (from + i) % 2]))
      a.setPeople('t', people(0, 1500))
      b.setPeople('t', people(1000, 2000))
      expect(await Promise.all([a.commit(), b.commit()])).toEqual(['kept', 'kept'])
      await scenario.shows('t', [1000, 1000])
      await scenario.close(a)
      await scenario.shows('t', [500, 500])
    })
  })
}
