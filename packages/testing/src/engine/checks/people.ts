import { describe, expect, it } from 'vitest'
import { gone, held, live, type Stage } from '../stage.js'

const users = 0
const viewers = 1

export function peopleChecks(stage: () => Stage): void {
  describe('people', () => {
    it('count once, on however many replicas they are', async () => {
      const [a, b, c] = await stage().watching('t', 3)
      for (const member of [a!, b!]) {
        member.place('t', live('ann', users))
        await member.commit()
      }
      c!.place('t', live('bob', users))
      await c!.commit()
      await stage().shows('t', [2, 0])
      a!.place('t', gone('ann'))
      await a!.commit()
      await stage().shows('t', [2, 0])
      b!.place('t', gone('ann'))
      await b!.commit()
      await stage().shows('t', [1, 0])
    })

    it('count beside those who are only connections', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.hold('t', 1, 1)
      a!.place('t', live('ann', viewers))
      b!.place('t', live('ann', viewers))
      await a!.commit()
      await b!.commit()
      await stage().shows('t', [1, 2])
    })

    it('count in the lowest group in which they are live', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.place('t', live('ann', viewers))
      await a!.commit()
      b!.place('t', live('ann', users))
      await b!.commit()
      await stage().shows('t', [1, 0])
      b!.place('t', gone('ann'))
      await b!.commit()
      await stage().shows('t', [0, 1])
    })

    it('count where they are live rather than where grace holds them', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.place('t', held('ann', users))
      await a!.commit()
      await stage().shows('t', [1, 0])
      b!.place('t', live('ann', viewers))
      await b!.commit()
      await stage().shows('t', [0, 1])
      b!.place('t', held('ann', viewers))
      await b!.commit()
      await stage().shows('t', [1, 0])
      a!.place('t', gone('ann'))
      await a!.commit()
      await stage().shows('t', [0, 1])
    })

    it('do not flap when they reload onto another replica', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.place('t', live('ann', viewers))
      await a!.commit()
      await stage().shows('t', [0, 1])
      const before = a!.news.length
      a!.place('t', held('ann', viewers))
      await a!.commit()
      b!.place('t', live('ann', viewers))
      await b!.commit()
      a!.place('t', gone('ann'))
      await a!.commit()
      b!.place('t', live('bob', viewers))
      await b!.commit()
      await stage().shows('t', [0, 2])
      for (const { totals } of a!.news.slice(before)) expect([1, 2]).toContain(totals[1])
    })

    it('who sign in are not held as whom they were before, on any replica', async () => {
      const [a, b, c] = await stage().watching('t', 3)
      for (const member of [a!, b!]) {
        member.place('t', held('visitor', viewers, 'phone'))
        await member.commit()
      }
      await stage().shows('t', [0, 1])
      c!.place('t', live('ann', users, 'phone'))
      await c!.commit()
      await stage().shows('t', [1, 0])
      // Their grace ends later, and changes nothing.
      for (const member of [a!, b!]) {
        member.place('t', gone('visitor'))
        await member.commit()
      }
      await stage().shows('t', [1, 0])
    })

    it('end nobody who is live, has another device, or none', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.place('t', live('live', viewers, 'phone'))
      a!.place('t', held('elsewhere', viewers, 'laptop'))
      a!.place('t', held('unknown', viewers))
      await a!.commit()
      b!.place('t', live('ann', users, 'phone'))
      b!.place('t', live('bob', users))
      await b!.commit()
      await stage().shows('t', [2, 3])
    })

    it('who come back as themselves, on the same device, are held by nothing', async () => {
      const [a] = await stage().watching('t', 1)
      a!.place('t', held('ann', users, 'phone'))
      await a!.commit()
      a!.place('t', live('ann', users, 'phone'))
      await a!.commit()
      await stage().shows('t', [1, 0])
      a!.place('t', gone('ann'))
      await a!.commit()
      await stage().shows('t', [0, 0])
    })

    it('of several that one device was end together', async () => {
      const [a, b] = await stage().watching('t', 2)
      a!.place('t', held('first', viewers, 'phone'))
      a!.place('t', held('second', viewers, 'phone'))
      await a!.commit()
      await stage().shows('t', [0, 2])
      b!.place('t', live('ann', users, 'phone'))
      await b!.commit()
      await stage().shows('t', [1, 0])
    })

    it('are apart in different topics', async () => {
      const [a] = await stage().watching('t', 1)
      await a!.watch('u')
      a!.place('t', held('ann', users, 'phone'))
      a!.place('u', live('bob', users, 'phone'))
      await a!.commit()
      await stage().shows('t', [1, 0])
      await stage().shows('u', [1, 0])
    })

    it('may be very many in one commit', async () => {
      const [a, b] = await stage().watching('t', 2)
      for (let i = 0; i < 1500; i++) a!.place('t', live(`p${i}`, i % 2))
      for (let i = 1000; i < 2000; i++) b!.place('t', live(`p${i}`, i % 2))
      expect(await Promise.all([a!.commit(), b!.commit()])).toEqual(['kept', 'kept'])
      await stage().shows('t', [1000, 1000])
      await stage().close(a!)
      await stage().shows('t', [500, 500])
    })
  })
}
