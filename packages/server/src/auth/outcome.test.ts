import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, test } from 'vitest'
import { errorRows } from '../test/error-rows.js'
import { listen, serve } from '../test/serve.js'
import { asymmetricToken, unfetchable } from '../test/tokens.js'
import type { AuthOptions } from './auth.js'
import type { InvalidReason } from './outcome.js'

const secret = 's'.repeat(32)

const signed = (claims: object, by = secret) => tokenFor(by, '7', { claims: { ...claims } })
const now = Date.now() / 1000

const otherJwks = async () => ({ jwksUrl: await listen((_, response) => response.end('{"keys":[{}]}')) })

const provocations: Record<
  InvalidReason | 'unchecked',
  [token: string, auth?: () => Promise<AuthOptions | undefined>]
> = {
  too_long: ['x'.repeat(8193)],
  malformed: ['x'],
  algorithm: [asymmetricToken],
  signature: [signed({}, 'another secret')],
  unknown_key: [asymmetricToken, otherJwks],
  unchecked: [asymmetricToken, async () => unfetchable],
  expired: [signed({ exp: now - 60 })],
  not_yet_valid: [signed({ nbf: now + 60 })],
  issuer: [signed({ iss: 'them' }), async () => ({ secret, issuer: 'us' })],
  audience: [signed({ aud: 'them' }), async () => ({ secret, audience: 'us' })],
  subject: [signed({ sub: '' })],
  topics: [signed({ topics: 7 })],
  no_keys: [signed({}), async () => undefined],
}
test.each(errorRows('Rejected tokens', provocations))('%s is counted', async (reason) => {
  const [token, auth = async () => ({ secret })] = provocations[reason as InvalidReason]
  const served = await serve({ auth: await auth() })
  await served.get('/api/counts/a', { headers: { authorization: `Bearer ${token}` } })
  expect(await served.metric(`invalid_tokens_total{reason="${reason}"}`)).toBe(1)
})
