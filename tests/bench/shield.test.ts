import { expect, test } from 'vitest'
import { type Attack, active, passive } from '../../bench/shield/attacks.mjs'
import { Room } from '../../bench/shield/room.mjs'

const seeds = Array.from({ length: 20 }, (_, i) => i + 1)
const k = 10

/** The guess of the attack, and the truth, in quiet rooms. */
async function attacked(attack: Attack, budget: number) {
  const outcomes = []
  for (const seed of seeds) {
    const room = new Room({ k, seed, isBusy: false, budget })
    await room.open()
    outcomes.push({ believed: await attack(room, k), visitors: room.visitors })
  }
  return outcomes
}

test('replicas, HTTP and roll-ups together reveal no more to an attacker than a single read', async () => {
  expect(await attacked(passive.surfaces!, 0)).toEqual(await attacked(passive.look!, 0))
})

test('hours of a quiet room reveal no more to an attacker than a single read', async () => {
  const looks = await attacked(passive.look!, 0)
  for (const [i, { believed }] of (await attacked(passive.average!, 0)).entries()) {
    expect(Math.abs(believed - looks[i]!.believed)).toBeLessThanOrEqual(1)
  }
})

test('an attacker with enough presences learns the count, as docs/PRIVACY.md states', async () => {
  for (const attack of [active.pad!, active.timed!]) {
    for (const { believed, visitors } of await attacked(attack, k)) expect(believed).toBe(visitors)
  }
})

test('an attacker with one presence learns the count only close to a step', async () => {
  for (const { believed, visitors } of await attacked(active.pad!, 1)) {
    const isNextToStep = visitors % k === k - 1
    expect(Math.abs(believed - visitors) <= 1).toBe(isNextToStep || Math.abs((visitors % k) - 4) <= 1)
  }
})
