import { type Running, startHeadcount, tokenFor, type UpgradeRefused, until, WireClient } from '@headcount/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { contractConfig, contractSuite } from '../suites/contract.js'

const secret = 'the secret of the contract, long enough to sign with'

describe('a server', () => {
  let server: Running
  beforeAll(async () => {
    server = await startHeadcount({ auth: { secret }, ...contractConfig })
  })
  afterAll(() => server.stop())
  contractSuite({ urls: () => [server.url], secret, logged: () => server.logged() })
})

describe('a request for a socket', () => {
  let server: Running
  afterEach(() => server.stop())

  test('with a bad token is refused with 403 where the settings say so', async () => {
    server = await startHeadcount({ auth: { secret, invalidToken: 'reject' } })
    const refused = await WireClient.open(server.url, { token: 'nonsense' }).catch((error: UpgradeRefused) => error)
    expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('invalid_token') })
    await WireClient.open(server.url)
    await WireClient.open(server.url, { token: tokenFor(secret, '7', { alg: 'HS512' }) })
  })

  test('whose client hangs up meanwhile hurts nobody', async () => {
    server = await startHeadcount({ auth: { secret } })
    const token = tokenFor(secret, '7')
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const opening = WireClient.open(server.url, { token }).then((client) => client.drop())
        await opening
      }),
    )
    await until('no socket', async () =>
      /headcount_sockets 0\n/.test(await (await fetch(`${server.url}/metrics`)).text()),
    )
  })
})
