import { HeadcountError } from '@headcount/core'
import { signToken } from '@headcount/server'
import { configFlag, type Flag, loadSettings, parseFlags } from '../settings/index.js'
import type { Command } from './command.js'
import { parseDuration } from './duration.js'
import { helpText } from './help.js'

const flags: readonly Flag[] = [
  { name: 'sub', value: 'ID', help: "the user's id (needed)" },
  { name: 'expires', value: 'DURATION', help: 'how long it is good for, such as 90s, 15m, 1h or 7d (1h)' },
  configFlag,
]

/** `headcount token --sub 7`: a token that this server takes as user 7's, for development. */
export const token: Command = {
  name: 'token',
  summary: 'sign a development token with the configured secret',
  help: helpText({
    usage: 'token --sub ID [flags]',
    about:
      'Prints a token (HS256) that a server with the same settings takes as that user. It is signed with\n' +
      'HEADCOUNT_JWT_SECRET and carries the claim, issuer and audience that the settings name.',
    flags,
  }),
  async run(args, { env, cwd, print }) {
    const given = parseFlags(flags, args)
    const { sub, expires = '1h' } = given
    if (typeof sub !== 'string') throw bad("--sub: expected a user's id, got nothing")
    const lifetime = parseDuration(String(expires))
    if (lifetime === undefined)
      throw bad(`--expires: expected a duration such as 90s, 15m, 1h or 7d, got ${JSON.stringify(expires)}`)
    const { auth } = await loadSettings({ flags: given, env, cwd })
    if (auth.secret === undefined) {
      const instead = auth.jwksUrl === undefined ? 'none' : 'a JWKS URL alone, whose keys are not here'
      throw bad(`HEADCOUNT_JWT_SECRET: expected a secret to sign with, got ${instead}`)
    }
    print(await signToken(auth.secret, sub, { ...auth, expires: lifetime }))
    return 0
  },
}

function bad(message: string): HeadcountError {
  return new HeadcountError('bad_setting', message)
}
