import { type UpgradeRefused, until, WireClient } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { contractConfig, contractSuite } from '../suites/contract.js'
import { peopleSuite, peopleTopics, shieldTick } from '../suites/people.js'
import { type Running, startHeadcount } from '../support/start-headcount.js'

const secret = 'the secret of the contract, long enough to sign with'
const settle = 600

describe('a server', () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret }, ...contractConfig })
  })
  afterAll(() => server.stop())
  contractSuite({ urls: () => [server.url], secret, logged: () => server.logged() })
})

describe('a server with people and settling topics', () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret }, shieldTick, topics: peopleTopics(settle) })
  })
  afterAll(() => server.stop())
  peopleSuite({ urls: () => [server.url], secret, settle })
})

describe('an upgrade request', () => {
  let server: Running
  afterEach(() => server.stop())

  test('with an invalid token is refused with 403 with invalidToken "reject"', async () => {
    server = await startHeadcount({ auth: { secret, invalidToken: 'reject' } })
    const refused = await WireClient.open(server.url, { token: 'nonsense' }).catch((error: UpgradeRefused) => error)
    expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('invalid_token') })
    await WireClient.open(server.url)
    await WireClient.open(server.url, { token: tokenFor(secret, '7', { alg: 'HS512' }) })
  })

  test('whose client disconnects during it leaves no socket', async () => {
    server = await startHeadcount({ auth: { secret } })
    const token = tokenFor(secret, '7')
    await Promise.all(
      Array.from({ length: 50 }, () => WireClient.open(server.url, { token }).then((client) => client.drop())),
    )
    await until('no socket', async () => (await metric(server.url, 'headcount_sockets')) === 0)
  })
})
