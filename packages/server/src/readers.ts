import type { TopicRules } from '@headcount/core'
import { presentToken } from './auth/index.js'
import type { Reader, ReadRefusal } from './http/source.js'
import type { Access } from './sockets/access.js'
import type { Authenticate, Session } from './sockets/session.js'

interface ReaderRules {
  readonly authenticate: Authenticate
  readonly topics: TopicRules
  readonly access: Access
}

const viewer: Session = { userId: null, clientId: null }

/** The rule of access of sockets, for readers over HTTP: a reader may read what a socket with its token may join. */
export function tokenReaders({ authenticate, topics, access }: ReaderRules) {
  return async (token: string | undefined): Promise<Reader> => {
    const outcome = await authenticate(token ?? null, null)
    const session = outcome.kind === 'session' ? outcome.session : viewer
    const isRefused = outcome.kind === 'invalid' && outcome.refuse
    const refusal = refusalOf(outcome.kind, token)
    return {
      ...(session.expiresIn !== undefined && { expiresIn: session.expiresIn }),
      async refuses(topic) {
        if (topics.match(topic) === undefined) return 'unmatched_topic'
        return !isRefused && (await access.allows(topic, session)) ? undefined : refusal
      },
    }
  }
}

/** Why a topic that the reader's session does not open is refused. */
function refusalOf(kind: 'session' | 'invalid' | 'unchecked', token: string | undefined): ReadRefusal {
  if (kind === 'invalid') return 'invalid_token'
  if (kind === 'unchecked') return 'unavailable'
  return presentToken(token ?? null) === null ? 'unauthorized' : 'forbidden'
}
