import { createAuth } from '@headcount/server'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { Folder } from '../test/folder.js'
import { Terminal } from '../test/terminal.js'
import { parseDuration } from './duration.js'

const folder = new Folder()
const secret = 'a secret of at least thirty-two bytes'
const withSecret = { HEADCOUNT_JWT_SECRET: secret }

async function token(line: string, env: Readonly<Record<string, string>> = withSecret) {
  const terminal = new Terminal(folder.path)
  const code = await terminal.run(`token ${line}`.trim(), env)
  return { code, out: terminal.printed, errors: terminal.complained }
}

test('prints a token, and nothing else, that the configured secret takes as that user for an hour', async () => {
  const { code, out, errors } = await token('--sub 7')
  expect({ code, errors, lines: out.length }).toEqual({ code: 0, errors: [], lines: 1 })
  expect(await createAuth({ secret }).verify(out[0]!)).toEqual({ kind: 'user', user: '7' })
  const { iat, exp } = decodeJwt(out[0]!)
  expect(exp! - iat!).toBe(3600)
})

test('--expires says for how long it is good', async () => {
  const { out } = await token('--sub 7 --expires 90s')
  const { iat, exp } = decodeJwt(out[0]!)
  expect(exp! - iat!).toBe(90)
})

test('the token has the claim, issuer and audience of the settings', async () => {
  await folder.config({ auth: { secret, claim: 'uid', issuer: 'us', audience: 'here' } })
  const { out } = await token('--sub 7', {})
  expect(decodeJwt(out[0]!)).toMatchObject({ uid: '7', iss: 'us', aud: 'here' })
  const auth = createAuth({ secret, claim: 'uid', issuer: 'us', audience: 'here' })
  expect((await auth.verify(out[0]!)).user).toBe('7')
})

test.each<[string, Record<string, string>, string]>([
  ['--sub 7', {}, 'HEADCOUNT_JWT_SECRET: expected a secret to sign with, got none'],
  ['--sub 7', { HEADCOUNT_DEMO: '1' }, 'HEADCOUNT_JWT_SECRET: expected a secret to sign with, got none'],
  [
    '--sub 7',
    { HEADCOUNT_JWKS_URL: 'https://id.example/keys' },
    'HEADCOUNT_JWT_SECRET: expected a secret to sign with, got a JWKS URL alone, whose keys are not here',
  ],
  ['', withSecret, "--sub: expected a user's id, got nothing"],
  ['--sub', withSecret, '--sub: expected ID, got nothing'],
  ['--sub 7 --expires soon', withSecret, '--expires: expected a duration such as 90s, 15m, 1h or 7d, got "soon"'],
  ['--sub 7 --expires 0s', withSecret, '--expires: expected a duration such as 90s, 15m, 1h or 7d, got "0s"'],
  ['--subject 7', withSecret, 'expected a flag that headcount knows, got --subject'],
])('%j with %j is refused', async (line, env, message) => {
  const { code, out, errors } = await token(line, env)
  expect({ code, out }).toEqual({ code: 1, out: [] })
  expect(errors).toEqual([expect.stringContaining(`headcount: ${message}`)])
})

test('a duration is a number and a unit', () => {
  expect(['90s', '15m', '1h', '7d'].map(parseDuration)).toEqual([90_000, 900_000, 3_600_000, 604_800_000])
  for (const text of ['', '5', 's', '1.5h', '-1h', '1 h', '1w', '0s', '9999999s', '1h30m']) {
    expect(parseDuration(text)).toBeUndefined()
  }
})
