import { randomInt } from 'node:crypto'
import { Crowd, type Running, startHeadcount, storm, tokenFor } from '@headcount/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const secret = 'the secret of the storm'
const clients = 500
const runs = 20

/** To see a storm again: `STORM_SEED=1234`. */
const seeds =
  process.env.STORM_SEED?.split(',').map(Number) ?? Array.from({ length: runs }, () => randomInt(2 ** 31))

describe(`a storm of ${clients} clients that join one topic within a second`, () => {
  let server: Running
  let crowd: Crowd

  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret } })
    crowd = await Crowd.start(2)
  })

  afterAll(async () => {
    crowd.stop()
    await server.stop()
  })

  it.each(seeds.map((seed, run) => [seed, run]))(
    'leaves everyone with exactly the truth, seed %i',
    async (seed, run) => {
      const topic = `storm:${run}`
      let flushes = 0
      const undo = server.headcount.on('counts', (of) => {
        if (of === topic) flushes += 1
      })
      const tokenOf = (user: string) => tokenFor(secret, user)
      const { truth, sight, told, took } = await storm({
        urls: [server.url],
        crowd,
        seed,
        clients,
        topic,
        tokenOf,
      })
      undo()
      expect(sight.faults).toEqual([])
      expect(sight.wrong).toEqual([])
      expect(told).toEqual([truth])
      expect(sight.inside).toBeGreaterThan(clients / 2)
      // What it cost: nobody is told of a flush twice, and flushes are as many as time allows, not as there are joins.
      expect(sight.mostDiffs).toBeLessThanOrEqual(flushes)
      expect(sight.diffs).toBeLessThanOrEqual(sight.inside * flushes)
      expect(flushes).toBeLessThanOrEqual(took / shortestInterval + 1)
    },
    60_000,
  )
})

/** The default of the setting `flush.minimum`, in ms. */
const shortestInterval = 50
