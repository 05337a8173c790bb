import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { describeWith } from '../../support/needs.js'
import { soak } from './soak.js'

/** `npm run soak -- --minutes 10 --seed 1234` sets these. */
const minutes = Number(process.env.SOAK_MINUTES ?? 0.5)
const seed = Number(process.env.SOAK_SEED ?? randomInt(2 ** 31))

describeWith('redis', 'a soak of four replicas, 200 topics and 2,000 clients', () => {
  it(
    `converges after every random fault, for ${minutes} minutes, seed ${seed}`,
    async () => {
      const options = { seed, minutes, replicas: 4, topics: 200, clients: 2_000, lease: 2_000 }
      const { rounds, slowest, faults } = await soak({ ...options, log: (line) => console.info(line) })
      console.info(`soak: ${rounds} rounds, the slowest converged in ${Math.round(slowest)} ms`)
      expect({ seed, faults }).toEqual({ seed, faults: [] })
    },
    (minutes + 2) * 60_000,
  )
})
