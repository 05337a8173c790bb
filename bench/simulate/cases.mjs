import { redisCluster } from './engines.mjs'
import { defaultFlush } from './pace.mjs'
import { even, zipf } from './random.mjs'

const people = 10_000_000
/** How long somebody stays, in seconds: so many leave each second, and others come. */
const stay = 600

/**
 * What is asked: ten million people.
 *
 * @param {import('./units.mjs').Units} units
 * @returns {{ name: string, world: import('./simulate.mjs').World }[]}
 */
export function cases(units) {
  const usual = {
    engine: redisCluster,
    frame: units.frame / 1000,
    turn: units.flush / 1000,
    leave: people / stay,
    away: 1000,
    lead: 2,
    seed: 1,
  }
  const many = zipf(people, 1_000_000)
  const one = even(people, 1)
  const hashed = {
    sizes: many,
    balancer: /** @type {const} */ ('topic'),
    together: 20_000,
    seconds: 5,
    traced: 0.1,
  }
  return [
    {
      name: '1 million topics, any replica',
      world: { ...usual, sizes: many, replicas: 500, balancer: 'any', seconds: 3, traced: 0.1 },
    },
    { name: '1 million topics, a topic together', world: { ...usual, ...hashed, replicas: 250 } },
    {
      name: '1 million topics, a topic together, told once a second at most',
      world: { ...usual, ...hashed, replicas: 200, flush: { ...defaultFlush, minimum: 1000 } },
    },
    {
      name: 'one topic',
      world: { ...usual, sizes: one, replicas: 100, seconds: 20, traced: 0.01 },
    },
    {
      name: 'one topic',
      world: { ...usual, sizes: one, replicas: 200, seconds: 20, traced: 0.01 },
    },
    {
      name: 'one topic',
      world: { ...usual, sizes: one, replicas: 400, seconds: 20, traced: 0.01 },
    },
  ]
}
