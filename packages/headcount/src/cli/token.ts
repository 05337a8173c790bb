import { signToken } from '@headcount/server'
import { configFlag, type Flag, parseFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { badSetting } from '../settings/settings-errors.js'
import type { Command } from './command.js'
import { flagRows, helpText } from './help.js'

const flags: readonly Flag[] = [
  { name: 'sub', value: 'ID', help: "the user's id (required)" },
  { name: 'expires', value: 'DURATION', help: 'how long the token is valid: 90s, 15m, 1h or 7d (1h)' },
  configFlag,
]

/** `headcount token --sub 7`: signs a token for development. */
export const token: Command = {
  name: 'token',
  summary: 'sign a development token with the configured secret',
  help: helpText({
    usage: 'token --sub ID [flags]',
    about:
      'Prints a token (HS256) that makes its bearer this user on a server with the same settings. It is signed with\n' +
      'HEADCOUNT_JWT_SECRET and has the claim, issuer and audience of the settings.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, { env, cwd, print }) {
    const given = parseFlags(flags, args)
    const sub = given.get('sub')?.at(-1)
    const expires = given.get('expires')?.at(-1) ?? '1h'
    if (sub === undefined) throw badSetting("--sub: expected a user's id, got nothing")
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
    print(await signToken(secret, sub, { ...auth, expires: lifetime }))
    return 0
  },
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The ms of `90s`, `15m`, `1h` or `7d`; undefined for other texts and for zero. */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return Number(number) * (units[unit] ?? 0) || undefined
}
