import type { Topic, TopicRules } from '@headcount/core'
import { tokenOfRequest } from './auth/index.js'
import type { Reader, ReadRefusal } from './http/source.js'
import { type Authenticate, hasAccess, type Session } from './sockets/session.js'
import type { Authorize } from './sockets/socket-context.js'

interface ReaderRules {
  readonly authenticate: Authenticate
  readonly topics: TopicRules
  readonly authorize: Authorize | undefined
}

/** A reader, and why a topic that its session does not open is refused. */
interface Known {
  readonly session: Session
  readonly refusal: ReadRefusal
  /** Whether no topic may be read at all. */
  readonly isRefused: boolean
}

const viewer: Session = { userId: null, clientId: null }

/** The rule of access of sockets, for readers over HTTP: a reader may read what a socket with its token may join. */
export function tokenReaders({ authenticate, topics, authorize }: ReaderRules) {
  const identify = async (given: string | undefined): Promise<Known> => {
    const token = tokenOfRequest(new URLSearchParams(given === undefined ? {} : { token: given }), undefined)
    if (token === null) return { session: viewer, refusal: 'unauthorized', isRefused: false }
    const outcome = await authenticate(token, null)
    if (outcome.kind === 'session') return { session: outcome.session, refusal: 'forbidden', isRefused: false }
    if (outcome.kind === 'unchecked') return { session: viewer, refusal: 'unavailable', isRefused: false }
    return { session: viewer, refusal: 'invalid_token', isRefused: outcome.refuse }
  }
  const authorizes = async (topic: Topic, { userId }: Session): Promise<boolean> => {
    try {
      return authorize === undefined || (await authorize(topic, { userId })) === true
    } catch {
      return false
    }
  }

  return async (token: string | undefined): Promise<Reader> => {
    const { session, refusal, isRefused } = await identify(token)
    return async (topic) => {
      const rule = topics.match(topic)
      if (rule === undefined) return 'unmatched_topic'
      if (isRefused || !hasAccess(rule, topic, session)) return refusal
      return (await authorizes(topic, session)) ? undefined : refusal
    }
  }
}
