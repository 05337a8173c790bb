import { describe, expect, it } from 'vitest'
import { until } from '../../until.js'
import type { Fault } from '../cluster.js'
import type { Member } from '../member.js'
import { held, live, type Stage } from '../stage.js'
import { when } from '../when.js'

/** One that holds a bit of everything in `t`: [3, 3] to the totals, [2, 3] where `ann` is elsewhere too. */
async function holdAll(member: Member): Promise<void> {
  member.hold('t', 2, 1)
  member.place('t', live('ann', 0))
  member.place('t', live('visitor', 1))
  member.place('t', held('late', 1, 'phone'))
  expect(await member.commit()).toBe('kept')
}

export function replicasChecks(stage: () => Stage, can: ReadonlySet<Fault>): void {
  describe('a replica', () => {
    it('that closes is forgotten at once, whole', async () => {
      const [a, b] = await stage().watching('t', 2)
      await holdAll(a!)
      b!.place('t', live('ann', 1))
      await b!.commit()
      await stage().shows('t', [3, 3])
      const before = performance.now()
      await stage().close(a!)
      await stage().shows('t', [0, 1])
      expect(performance.now() - before).toBeLessThan(2_000)
    })

    it('may close without having said anything', async () => {
      await stage().close(await stage().member())
      await stage().empty()
    })

    it('leaves nothing behind, nor does the last one', async () => {
      const [a, b] = await stage().watching('t', 2)
      await holdAll(a!)
      await holdAll(b!)
      await stage().end()
      await stage().empty()
    })

    it('that holds nothing any more and watches nothing leaves nothing behind', async () => {
      const [a, b] = await stage().watching('t', 2)
      await holdAll(a!)
      a!.hold('t', 0, 0)
      for (const { key } of a!.people.get('t')!.values()) a!.place('t', { key, group: null })
      await a!.commit()
      await a!.unwatch('t')
      await b!.unwatch('t')
      await stage().empty()
    })

    when(can.has('crash'))('that dies is forgotten whole within its lease', async () => {
      const [a, b, c] = await stage().watching('t', 3)
      await holdAll(a!)
      await holdAll(b!)
      await stage().shows('t', [5, 4])
      await stage().crash(a!)
      await stage().cluster.lapse()
      await stage().shows('t', [3, 3])
      await stage().crash(b!)
      await stage().cluster.lapse()
      await stage().shows('t', [0, 0])
      expect(c!.lost).toBe(0)
    })

    when(can.has('crash'))('that comes after one that died sees nothing of it once its lease is over', async () => {
      const a = await stage().member()
      await holdAll(a)
      await stage().crash(a)
      await stage().cluster.lapse()
      const b = await stage().member()
      await until('zeros', async () => (await b.replica.engine.read(['t']))[0]!.every((count) => count === 0))
      expect(await b.replica.engine.watch('t')).toEqual([0, 0])
    })

    when(can.has('crash'))('that dies leaves nothing behind for good', async () => {
      const [a, b] = await stage().watching('t', 2)
      await holdAll(a!)
      await stage().crash(a!)
      await stage().cluster.lapse()
      await stage().shows('t', [0, 0])
      await stage().close(b!)
      await stage().empty()
    })

    when(can.has('pause'))('that stood still for longer than a lease is lost, and says everything anew', async () => {
      const [a, b] = await stage().watching('t', 2)
      await holdAll(a!)
      await stage().shows('t', [3, 3])
      a!.still = true
      await a!.replica.pause()
      await stage().cluster.lapse()
      await until('the others to know', () => b!.knows('t', [0, 0]))
      b!.hold('t', 1, 0)
      await b!.commit()
      await a!.replica.resume()
      a!.still = false
      await until('everything to be said anew', async () => (await a!.commit()) === 'kept' && a!.said && a!.lost > 0)
      await stage().shows('t', [4, 3])
      expect(b!.lost).toBe(0)
    })

    when(can.has('pause'))('that stood still for a moment is not lost', async () => {
      const [a] = await stage().watching('t', 2)
      await holdAll(a!)
      a!.still = true
      await a!.replica.pause()
      await a!.replica.resume()
      a!.still = false
      await until('its commit to be kept', async () => (await a!.commit()) === 'kept')
      expect(a!.lost).toBe(0)
      await stage().shows('t', [3, 3])
    })

    when(can.has('partition'))(
      'that was cut off for longer than a lease is lost, and says everything anew',
      async () => {
        const [a, b] = await stage().watching('t', 2)
        await holdAll(a!)
        await stage().shows('t', [3, 3])
        await a!.replica.partition()
        a!.hold('t', 5, 5)
        await until('commits to fail', async () => (await a!.commit()) === 'failed')
        await stage().cluster.lapse()
        await until('the others to know', () => b!.knows('t', [0, 0]))
        await a!.replica.heal()
        await until('everything to be said anew', async () => (await a!.commit()) === 'kept' && a!.said && a!.lost > 0)
        await stage().shows('t', [6, 7])
      },
    )
  })
}
