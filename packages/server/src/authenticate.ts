import type { LogLimiter, Metrics } from '@headcount/core'
import { type Auth, presentToken } from './auth/index.js'
import type { Authenticate } from './sockets/session.js'

/** Verifies tokens with `auth`. Counts the invalid ones, and logs them without the token. */
export function authenticator(auth: Auth, metrics: Metrics, log: LogLimiter): Authenticate {
  return async (token, clientId) => {
    const outcome = await auth.verify(presentToken(token))
    if (outcome.kind === 'unchecked') {
      metrics.count('invalid_tokens', 1, 'unchecked')
      log.log('warn', 'unchecked', {}, 'tokens cannot be checked: the JWKS cannot be fetched')
      return outcome
    }
    if (outcome.kind === 'invalid') {
      const { reason, refuse } = outcome
      metrics.count('invalid_tokens', 1, reason)
      if (reason === 'no_keys')
        log.log('warn', reason, {}, 'a client sent a token, but no auth.secret (HEADCOUNT_JWT_SECRET) or JWKS is set')
      else log.log('info', reason, { reason, refused: refuse }, 'invalid token')
      return { kind: 'invalid', reason, refuse }
    }
    const { kind: _, ...grant } = outcome
    return { kind: 'session', session: { ...grant, clientId } }
  }
}
