import { describe, expect } from 'vitest'
import { until } from '../../until.js'
import type { Fault } from '../cluster.js'
import type { Member } from '../member.js'
import type { RegisterCheck, ScenarioCheck } from '../scenario-check.js'

export function replicaTests(it: RegisterCheck, faults: ReadonlySet<Fault>): void {
  /** Commits connections and people: [3, 2] alone, [2, 2] beside a replica that has `ann` too. */
  async function fill(member: Member): Promise<void> {
    member.set('t', 2, 1)
    member.setPeople('t', { ann: 0, [`viewer of ${member.name}`]: 1 })
    expect(await member.commit()).toBe('kept')
  }

  const commitsAll = (member: Member) => until('all commits to be kept', () => member.commitAll())

  const itWith = (fault: Fault, name: string, check: ScenarioCheck) => {
    if (faults.has(fault)) it(name, check)
  }

  describe('a replica', () => {
    it('that closes is removed at once, with all its presences', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      await fill(a)
      b.setPeople('t', { ann: 1 })
      await b.commit()
      await scenario.shows('t', [3, 2])
      const before = performance.now()
      await scenario.close(a)
      await scenario.shows('t', [0, 1])
      expect(performance.now() - before).toBeLessThan(2_000)
    })

    it('receives the texts that another sends to it, in order', async (scenario) => {
      const [a, b, c] = [await scenario.open(), await scenario.open(), await scenario.open()]
      const relay = scenario.needs(a.replica.engine.relay)
      const texts = ['one', JSON.stringify({ two: '✓\n' }), 'three'.repeat(10_000)]
      for (const text of texts) expect(await relay.send(b.name, text)).toBe(true)
      await relay.send('unknown', 'lost')
      await until('all texts', () => b.texts.length === texts.length)
      expect([a.texts, b.texts, c.texts]).toEqual([[], texts, []])
    })

    itWith('pause', 'that is paused or has crashed does not block its senders', async (scenario) => {
      const [a, b, c] = [await scenario.open(), await scenario.open(), await scenario.open()]
      const relay = scenario.needs(a.replica.engine.relay)
      await b.pause()
      await relay.send(b.name, 'while it is paused')
      await scenario.crash(c)
      await relay.send(c.name, 'lost')
      await b.heal()
      await until('the text', () => b.texts.length > 0)
      expect([a.texts, b.texts]).toEqual([[], ['while it is paused']])
    })

    it('may close without a commit', async (scenario) => {
      await scenario.close(await scenario.open())
      await scenario.isEmpty()
    })

    it('leaves no data when it closes, even if it is the last', async (scenario) => {
      for (const member of await scenario.openTwo('t')) await fill(member)
      await scenario.closeAll()
      await scenario.isEmpty()
    })

    it('leaves no data when its presences leave and it unwatches', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      await fill(a)
      a.set('t', 0, 0)
      a.setPeople('t', Object.fromEntries([...a.people.get('t')!.keys()].map((key) => [key, null])))
      await a.commit()
      for (const member of [a, b]) await member.unwatch('t')
      await scenario.isEmpty()
    })

    itWith('crash', 'that crashes is removed whole within its lease', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      const c = await scenario.open()
      await c.watch('t')
      await fill(a)
      await fill(b)
      await scenario.shows('t', [5, 4])
      await scenario.crash(a)
      await scenario.cluster.expireLeases()
      await scenario.shows('t', [3, 2])
      await scenario.crash(b)
      await scenario.cluster.expireLeases()
      await scenario.shows('t', [0, 0])
      expect(c.lost).toBe(0)
      await scenario.close(c)
      await scenario.isEmpty()
    })

    itWith('crash', 'that crashed is unknown to one that joins after its lease', async (scenario) => {
      const a = await scenario.open()
      await fill(a)
      await scenario.crash(a)
      await scenario.cluster.expireLeases()
      const b = await scenario.open()
      await until('zeros', async () => String(await b.replica.engine.read(['t'])) === '0,0')
      expect(await b.replica.engine.watch('t')).toEqual([0, 0])
    })

    itWith('pause', 'that was paused for a lease learns it, and commits everything again', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      await fill(a)
      await scenario.shows('t', [3, 2])
      await a.pause()
      await scenario.cluster.expireLeases()
      await until('its removal', () => String(b.latest.get('t')) === '0,0')
      b.set('t', 1, 0)
      await b.commit()
      await a.heal()
      await until('its commit to be lost', async () => (await a.commit()) && a.lost > 0)
      await commitsAll(a)
      await scenario.shows('t', [4, 2])
      expect(b.lost).toBe(0)
    })

    itWith('pause', 'that was paused for a moment loses nothing', async (scenario) => {
      const [a] = await scenario.openTwo('t')
      await fill(a)
      await a.pause()
      await a.heal()
      await commitsAll(a)
      expect(a.lost).toBe(0)
      await scenario.shows('t', [3, 2])
    })

    itWith(
      'partition',
      'that was partitioned for a lease learns it, and commits everything again',
      async (scenario) => {
        const [a, b] = await scenario.openTwo('t')
        await fill(a)
        await scenario.shows('t', [3, 2])
        await a.partition()
        a.set('t', 5, 5)
        await until('commits to fail', async () => (await a.commit()) === 'failed')
        await scenario.cluster.expireLeases()
        await until('its removal', () => String(b.latest.get('t')) === '0,0')
        await a.heal()
        await until('its commit to be lost', async () => (await a.commit()) && a.lost > 0)
        await commitsAll(a)
        await scenario.shows('t', [6, 6])
      },
    )
  })
}
