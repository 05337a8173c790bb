import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.js'
import { parseDuration } from './token.js'

const commandLine = new CommandLine()
const secret = 'a secret of at least thirty-two bytes'
const withSecret = { HEADCOUNT_JWT_SECRET: secret }

async function token(line: string, env: Readonly<Record<string, string>> = withSecret) {
  const code = await commandLine.run(`token ${line}`.trim(), env)
  return { code, out: commandLine.printed, errors: commandLine.errors }
}

test('prints a token of the user that is valid for an hour, and nothing else', async () => {
  const { code, out, errors } = await token('--sub 7')
  expect({ code, errors, lines: out.length }).toEqual({ code: 0, errors: [], lines: 1 })
  const { payload } = await jwtVerify(out[0]!, new TextEncoder().encode(secret))
  expect(payload).toMatchObject({ sub: '7', exp: payload.iat! + 3600 })
})

test('--expires sets how long the token is valid', async () => {
  const { out } = await token('--sub 7 --expires 90s')
  const { iat, exp } = decodeJwt(out[0]!)
  expect(exp! - iat!).toBe(90)
})

test('the token has the claim, issuer and audience of the settings', async () => {
  await commandLine.config({ auth: { secret, claim: 'uid', issuer: 'us', audience: 'here' } })
  const { out } = await token('--sub 7', {})
  expect(decodeJwt(out[0]!)).toMatchObject({ uid: '7', iss: 'us', aud: 'here' })
})

test('--topic names topics that the token allows', async () => {
  const { out } = await token('--sub 7 --topic room:1 --topic team:*')
  expect(decodeJwt(out[0]!)).toMatchObject({ sub: '7', topics: ['room:1', 'team:*'] })
  expect(decodeJwt((await token('--sub 7')).out.at(-1)!)).not.toHaveProperty('topics')
})

test('--topic without --sub makes a token of a viewer, which a server accepts', async () => {
  const { code, out } = await token('--topic team:*')
  expect(code).toBe(0)
  expect(decodeJwt(out[0]!)).not.toHaveProperty('sub')
  const verified = await token('--verify', { ...withSecret, HEADCOUNT_TOKEN: out[0]! })
  expect(verified.out).toContain('valid: a viewer, who may use the topics below')
  expect(verified.out.at(-1)).toBe('topics: team:*')
})

test('--verify escapes control characters in the claims of a token', async () => {
  const [raw, escaped] = ['\x1b[2J\x9b31m', '\\u001b[2J\\u009b31m']
  const { out } = await token(`--sub ${raw} --topic ${raw}`)
  const verified = await token('--verify', { ...withSecret, HEADCOUNT_TOKEN: out[0]! })
  expect(verified.out).toContain(`valid: the user ${escaped} (claim sub)`)
  expect(verified.out.at(-1)).toBe(`topics: ${escaped}`)
})

test.each<[string, Record<string, string>, string]>([
  ['--sub 7', {}, 'HEADCOUNT_JWT_SECRET: expected a secret to sign with, got none'],
  [
    '--sub 7',
    { HEADCOUNT_JWKS_URL: 'https://id.example/keys' },
    'HEADCOUNT_JWT_SECRET: expected a secret to sign with, got only a JWKS URL, which has no private keys',
  ],
  ['', withSecret, "--sub: expected a user's id, or --topic for the token of a viewer, got nothing"],
  ['--sub', withSecret, '--sub: expected ID, got nothing'],
  ['--sub 7 --expires soon', withSecret, '--expires: expected a duration such as 90s, 15m, 1h or 7d, got "soon"'],
  ['--subject 7', withSecret, 'expected a known flag, got --subject'],
])('"headcount token %s" with %j is refused', async (line, env, message) => {
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

describe('--verify', () => {
  const verify = async (env: Readonly<Record<string, string>> = withSecret) => token('--verify', env)

  test("prints the identity of a token's bearer, and when it expires", async () => {
    await token('--sub 7 --expires 15m')
    commandLine.input = `${commandLine.printed.pop()}\n`
    const { code, out } = await verify()
    const expiry = /^expires at (\S+Z), in (899|900) s; accepted for 5 s longer \(leeway\)$/
    expect({ code, out }).toEqual({ code: 0, out: ['valid: the user 7 (claim sub)', expect.stringMatching(expiry)] })
    expect(Math.abs(Date.parse(expiry.exec(out[1]!)![1]!) - Date.now() - 900_000)).toBeLessThan(2_000)
  })

  test('reports an expired token that the leeway still accepts', async () => {
    const key = new TextEncoder().encode(secret)
    const exp = Math.floor(Date.now() / 1000) - 60
    commandLine.input = await new SignJWT({ sub: '7', exp }).setProtectedHeader({ alg: 'HS256' }).sign(key)
    const { code, out } = await verify({ ...withSecret, HEADCOUNT_JWT_LEEWAY: '600000' })
    expect(code).toBe(0)
    expect(out[1]).toMatch(/^expired at \S+Z, 6\d s ago; accepted for 600 s longer \(leeway\)$/)
  })

  test.each(['--verify TOKEN', '--verify=TOKEN', 'TOKEN'])(
    'a token as an argument is not shown: "%s"',
    async (line) => {
      const planted = 'eyJhbGciOiJIUzI1NiJ9.planted.planted'
      const { code, errors } = await token(line.replace('TOKEN', planted))
      expect(code).toBe(1)
      expect(errors.join()).not.toContain('planted')
      expect(errors).toEqual([
        expect.stringContaining(
          line.includes(' ')
            ? '--verify: expected the token in HEADCOUNT_TOKEN or on standard input, not as an argument'
            : 'got one of 36 characters',
        ),
      ])
    },
  )

  test('prints the topics that it allows', async () => {
    const key = new TextEncoder().encode(secret)
    const signed = await new SignJWT({ topics: ['team:7'] }).setProtectedHeader({ alg: 'HS256' }).sign(key)
    const { out } = await verify({ ...withSecret, HEADCOUNT_TOKEN: signed })
    expect(out).toEqual(['valid: a viewer, who may use the topics below', 'never expires', 'topics: team:7'])
  })

  test.each<[string, Record<string, string>, string]>([
    ['of another secret', { HEADCOUNT_JWT_SECRET: `${secret}.` }, 'invalid (signature): '],
    ['of another issuer', { ...withSecret, HEADCOUNT_JWT_ISSUER: 'us' }, 'invalid (issuer): '],
    ['without keys', {}, 'invalid (no_keys): '],
    ['whose keys are away', { HEADCOUNT_JWKS_URL: 'http://127.0.0.1:1/' }, 'invalid (algorithm): '],
  ])('a token %s', async (_title, env, start) => {
    await token('--sub 7')
    commandLine.input = commandLine.printed.pop() ?? ''
    const { code, out } = await verify(env)
    expect({ code, out }).toEqual({ code: 1, out: [expect.stringContaining(start)] })
  })

  test('no token is an error', async () => {
    const { code, errors } = await verify()
    expect(code).toBe(1)
    expect(errors).toEqual([expect.stringContaining('expected a token in HEADCOUNT_TOKEN or on standard input')])
  })
})
