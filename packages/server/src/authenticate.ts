import type { LogLimiter, Metrics } from '@headcount/core'
import type { Auth } from './auth/auth.js'
import { presentToken } from './auth/token.js'
import { log } from './log-events.js'
import type { Authenticate } from './sockets/session.js'

/** Verifies tokens. Counts the invalid ones, and logs them without the token. */
export function authenticator(verify: Auth['verify'], metrics: Metrics, logs: LogLimiter): Authenticate {
  return async (token, clientId) => {
    const outcome = await verify(presentToken(token))
    if (outcome.kind === 'unchecked') {
      metrics.count('invalid_tokens', 1, 'unchecked')
      log(logs.by('unchecked'), 'tokens_unchecked')
      return outcome
    }
    if (outcome.kind === 'invalid') {
      const { reason, refuse } = outcome
      metrics.count('invalid_tokens', 1, reason)
      if (reason === 'no_keys') log(logs.by(reason), 'tokens_unexpected')
      else if (reason === 'expired') log(logs.by(reason), 'token_expired', { refused: refuse })
      else log(logs.by(reason), 'token_invalid', { reason, refused: refuse })
      return outcome
    }
    const { kind: _, ...grant } = outcome
    return { kind: 'session', session: { ...grant, clientId } }
  }
}
