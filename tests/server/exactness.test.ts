import { type Running, startHeadcount, tokenFor } from '@headcount/testing'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { storms } from '../suites/storms.js'

const secret = 'the secret of the storm'
const clients = 500

describe(`a storm of ${clients} clients that join one topic within a second`, () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret } })
  })
  afterAll(() => server.stop())

  storms({
    urls: () => [server.url],
    tokenOf: (user) => tokenFor(secret, user),
    clients,
    runs: 20,
    processes: 2,
    around(topic) {
      let flushes = 0
      const undo = server.headcount.on('counts', (of) => {
        if (of === topic) flushes += 1
      })
      return ({ sight, took }) => {
        undo()
        // What it cost: nobody is told of a flush twice, and flushes are as many as time allows, not as there are joins.
        expect(sight.mostDiffs).toBeLessThanOrEqual(flushes)
        expect(sight.diffs).toBeLessThanOrEqual(sight.inside * flushes)
        expect(flushes).toBeLessThanOrEqual(took / shortestInterval + 1)
      }
    },
  })
})

/** The default of the setting `flush.minimum`, in ms. */
const shortestInterval = 50
