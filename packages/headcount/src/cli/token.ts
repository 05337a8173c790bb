import { createAuth, type InvalidReason, type Outcome, signToken } from '@headcount/server'
import type { Settings } from '../settings/complete.js'
import { type Flag, parseArguments } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { configFlag } from '../settings/setting-flags.js'
import { argumentText, badSetting } from '../settings/settings-errors.js'
import { printable } from '../watch/printable.js'
import type { Command } from './command.js'
import { flagRows, helpText } from './help.js'

const flags: readonly Flag[] = [
  { name: 'sub', value: 'ID', help: "the user's id; without it the token is a viewer's, which needs --topic" },
  { name: 'expires', value: 'DURATION', help: 'how long the token is valid: 90s, 15m, 1h or 7d (1h)' },
  { name: 'topic', value: 'PATTERN', help: 'topics that it allows where their access is token, repeatable (none)' },
  { name: 'verify', help: 'verify the token in HEADCOUNT_TOKEN, or on standard input, instead' },
  configFlag,
]

const notAnArgument =
  '--verify: expected the token in HEADCOUNT_TOKEN or on standard input, not as an argument, which lists of ' +
  'processes show'

/** `headcount token --sub 7`: signs a token for development. `--verify` verifies one as a server would. */
export const token: Command = {
  help: helpText({
    usage:
      'token --sub ID [flags]\n       headcount token --topic PATTERN [flags]\n       headcount token --verify [flags]',
    about:
      'Prints a token (HS256) that makes its bearer this user on a server with the same settings, and allows it the\n' +
      'topics of --topic. It is signed with HEADCOUNT_JWT_SECRET and has the claim, issuer and audience of the\n' +
      'settings. With --verify, verifies a token as such a server would; the exit code is 1 if it is invalid.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, { env, cwd, print, readInput }) {
    const { values: given, rest } = parseArguments(flags, args)
    const isVerify = given.has('verify')
    if (isVerify && rest.length > 0) throw badSetting(notAnArgument)
    if (rest[0] !== undefined) throw badSetting(`expected flags, got ${argumentText(rest[0])}`)
    if (isVerify) {
      const settings = await loadSettings({ flags: given, env, cwd })
      return verify((env.HEADCOUNT_TOKEN ?? (await readInput())).trim(), settings, print)
    }
    const sub = given.get('sub')?.at(-1) ?? null
    const topics = given.get('topic')
    const expires = given.get('expires')?.at(-1) ?? '1h'
    if (sub === null && topics === undefined)
      throw badSetting("--sub: expected a user's id, or --topic for the token of a viewer, got nothing")
    const lifetime = parseDuration(expires)
    if (lifetime === undefined) {
      throw badSetting(`--expires: expected a duration such as 90s, 15m, 1h or 7d, got ${JSON.stringify(expires)}`)
    }
    const { auth } = await loadSettings({ flags: given, env, cwd })
    const [secret] = auth.secret ?? []
    if (secret === undefined) {
      const got = auth.jwksUrl === undefined ? 'none' : 'only a JWKS URL, which has no private keys'
      throw badSetting(`HEADCOUNT_JWT_SECRET: expected a secret to sign with, got ${got}`)
    }
    print(await signToken(secret, sub, { ...auth, expires: lifetime, topics }))
    return 0
  },
}

/** Why a token is invalid, and what to do. */
const reasons: Readonly<Record<InvalidReason, string>> = {
  too_long: 'longer than 8 KiB: leave claims out',
  malformed: 'not a signed JWT, or one with a claim of the wrong type: was it cut off?',
  algorithm: 'signed with an algorithm that the configured keys do not allow',
  signature: 'signed with another key: does the issuer have the same secret?',
  unknown_key: 'signed with a key that the JWKS does not have',
  expired: 'its time (exp) has passed',
  not_yet_valid: 'its time (nbf) has not come: do the clocks agree?',
  issuer: 'its issuer (iss) is not the one of the settings',
  audience: 'its audience (aud) is not the one of the settings',
  subject: "the claim with the user's id is absent, empty or of the wrong type",
  topics: 'its claim topics is not a list of texts',
  no_keys: 'the settings have no HEADCOUNT_JWT_SECRET and no HEADCOUNT_JWKS_URL to verify it with',
}

/** Verifies a token as a server with these settings would. @returns the exit code. */
async function verify(text: string, { auth }: Settings, print: (line: string) => void): Promise<number> {
  if (text === '') throw badSetting('--verify: expected a token in HEADCOUNT_TOKEN or on standard input, got nothing')
  const hasKeys = auth.secret !== undefined || auth.jwksUrl !== undefined
  const outcome = await createAuth(hasKeys ? auth : undefined).verify(text)
  for (const line of describe(outcome, auth)) print(printable(line))
  return outcome.kind === 'valid' ? 0 : 1
}

function describe(outcome: Outcome, { claim, leeway }: Settings['auth']): string[] {
  if (outcome.kind === 'unchecked') return ['not verified: the keys of HEADCOUNT_JWKS_URL cannot be fetched']
  if (outcome.kind === 'invalid') return [`invalid (${outcome.reason}): ${reasons[outcome.reason]}`]
  const { userId, expiresIn, topics } = outcome
  return [
    userId === null ? 'valid: a viewer, who may use the topics below' : `valid: the user ${userId} (claim ${claim})`,
    expiresIn === undefined ? 'never expires' : expiryText(expiresIn - leeway, leeway),
    ...(topics === undefined ? [] : [`topics: ${topics.join(', ') || 'none'}`]),
  ]
}

function expiryText(ms: number, leeway: number): string {
  const seconds = Math.round(ms / 1000)
  const at = new Date(Math.round((Date.now() + ms) / 1000) * 1000).toISOString().replace('.000', '')
  const when = seconds < 0 ? `expired at ${at}, ${-seconds} s ago` : `expires at ${at}, in ${seconds} s`
  return `${when}; accepted for ${leeway / 1000} s longer (leeway)`
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The ms of `90s`, `15m`, `1h` or `7d`; undefined for other texts and for zero. */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return Number(number) * (units[unit] ?? 0) || undefined
}
