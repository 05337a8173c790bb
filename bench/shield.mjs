// npm run attack:shield: how often attackers learn the number of visitors of a topic with a shield, within 1. On the
// real core and a fake clock, so it takes a minute. `--trials 500 --k 5 --tick 60000` sets the trials
// of each cell, the shields and `shieldTick`.
import { parseArgs } from 'node:util'
import { active, passive } from './shield/attacks.mjs'
import { Room } from './shield/room.mjs'

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '400' },
    k: { type: 'string', default: '5,10,20' },
    tick: { type: 'string', default: '10000' },
  },
})
const trials = Number(values.trials)
const shields = values.k.split(',').map(Number)

/** The budget of presences of each attacker that uses presences. */
const attackers = {
  'one address, no limit': Number.POSITIVE_INFINITY,
  'one address, limit 1': 1,
  'fifty addresses, limit 1': 50,
}

/** The share of trials in which the attack is right within 1, in %. */
async function successes(
  /** @type {import('./shield/attacks.mjs').Attack} */ attack,
  /** @type {Omit<ConstructorParameters<typeof Room>[0], 'seed'>} */ options,
) {
  let right = 0
  for (let seed = 1; seed <= trials; seed++) {
    const room = new Room({ ...options, tick: Number(values.tick), seed: Math.imul(seed, 0x9e3779b1) })
    await room.open()
    const believed = await attack(room, options.k)
    if (Math.abs(believed - room.visitors) <= 1) right += 1
  }
  return Math.round((right / trials) * 100)
}

const rows = [
  ...Object.entries(passive).map(([name, attack]) => ({ name, attack, attacker: 'none', budget: 0 })),
  ...Object.entries(active).flatMap(([name, attack]) =>
    Object.entries(attackers).map(([attacker, budget]) => ({ name, attack, attacker, budget })),
  ),
]
const rooms = shields.flatMap((k) => [false, true].map((isBusy) => ({ k, isBusy })))
const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(' | ')} |`

console.log(line(['attack', 'own presences', ...rooms.map(({ k, isBusy }) => `${k}, ${isBusy ? 'busy' : 'still'}`)]))
console.log(line(['---', '---', ...rooms.map(() => '---:')]))
for (const { name, attack, attacker, budget } of rows) {
  const cells = []
  for (const room of rooms) cells.push(`${await successes(attack, { ...room, budget })} %`)
  console.log(line([name, attacker, ...cells]))
}
