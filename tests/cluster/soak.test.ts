import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { soak } from './soak/soak.js'

/** `npm run soak -- --minutes 10 --seed 1234`: these are set. */
const minutes = Number(process.env.SOAK_MINUTES ?? 2)
const seed = Number(process.env.SOAK_SEED ?? randomInt(2 ** 31))

describeWith('redis', 'a soak of four replicas, 200 topics and 2,000 clients', () => {
  it(
    `leaves everyone right after everything that befalls for ${minutes} minutes, seed ${seed}`,
    async () => {
      console.info(`soak: seed ${seed}, ${minutes} minutes; to see it again: npm run soak -- --seed ${seed}`)
      const options = { seed, minutes, replicas: 4, topics: 200, clients: 2_000, lease: 2_000 }
      const { rounds, slowest, faults } = await soak({ ...options, say: (line) => console.info(line) })
      console.info(`soak: ${rounds} rounds, the slowest right ${Math.round(slowest)} ms after its healing`)
      expect({ seed, faults }).toEqual({ seed, faults: [] })
    },
    (minutes + 2) * 60_000,
  )
})
