import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { storms } from '../suites/storms.js'
import { quickPolls } from '../support/quick-polls.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'

const secret = 'the secret of the storm'
const clients = 500
/** The default of `flush.minimum`, in ms. */
const minimumInterval = 50

describe('a storm of 200 clients that poll', () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret }, limits: quickPolls })
  })
  afterAll(() => server.stop())

  const tokenOf = (user: string) => tokenFor(secret, user)
  storms({ urls: () => [server.url], tokenOf, clients: 200, runs: 5, polls: true })
})

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
    around(topic) {
      let flushes = 0
      const unsubscribe = server.headcount.on('counts', (changed) => {
        if (changed === topic) flushes += 1
      })
      return ({ sight, took }) => {
        unsubscribe()
        // One diff per flush and client, and the number of flushes depends on the time, not on the number of joins.
        expect(sight.mostDiffs).toBeLessThanOrEqual(flushes)
        expect(sight.diffs).toBeLessThanOrEqual(sight.inside * flushes)
        expect(flushes).toBeLessThanOrEqual(took / minimumInterval + 1)
      }
    },
  })
})
