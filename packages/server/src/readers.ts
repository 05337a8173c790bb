import type { Topic } from '@headcount/core'
import { presentToken } from './auth/token.js'
import type { Reader, ReadRefusal, StreamRefusal } from './http/source.js'
import { addPresence, type Counted, removePresence } from './sockets/count-presence.js'
import type { Session } from './sockets/session.js'
import type { SocketContext } from './sockets/socket-context.js'

const viewer: Session = { userId: null, clientId: null }

/**
 * The rules of sockets, for readers over HTTP: a reader may read the topics that a socket with its token may join, and
 * is counted like that socket.
 */
export function tokenReaders(context: SocketContext) {
  const { authenticate, topics, access } = context
  return async (token: string | undefined, clientId: string | null): Promise<Reader> => {
    const outcome = await authenticate(token ?? null, clientId)
    const session = outcome.kind === 'session' ? outcome.session : { ...viewer, clientId }
    const isRefused = outcome.kind === 'invalid' && outcome.refuse
    const refusal = refusalOf(outcome.kind, token)
    return {
      ...(session.expiresIn !== undefined && { expiresIn: session.expiresIn }),
      isUnchecked: outcome.kind === 'unchecked',
      async refuses(topic) {
        if (topics.match(topic) === undefined) return 'unmatched_topic'
        return !isRefused && (await access.allows(topic, session)) ? undefined : refusal
      },
      count: (names, address) => countIn(context, names, { session, address }),
    }
  }
}

/** Why no reader of that address may be counted in that number of topics now; undefined if one may. */
export function refusesCount(
  { limits, addressLimit, admission }: SocketContext,
  size: number,
  address: string | null,
): StreamRefusal | undefined {
  if (size > limits.topicsPerSocket) return 'too_many_topics'
  return addressLimit.isFull(address) ? 'too_many_of_address' : admission.join() && 'overloaded'
}

/** Adds a presence to each topic, like a socket's join. Returns a function that removes them, or a refusal. */
function countIn(
  context: SocketContext,
  names: readonly Topic[],
  client: { readonly session: Session; readonly address: string | null },
): (() => void) | StreamRefusal {
  const { addressLimit } = context
  const refusal = refusesCount(context, names.length, client.address)
  if (refusal !== undefined) return refusal
  const release = addressLimit.take(client.address)
  context.admission.channels += names.length
  let id: string | undefined
  const connectionId = (): string => {
    id ??= context.replica.newConnectionId()
    return id
  }
  const removals = names.map((topic) => {
    const rule = context.topics.match(topic)
    const counted: Counted = { presence: undefined, status: 'counted', waits: undefined }
    if (rule !== undefined) addPresence(context, topic, rule, { ...client, connectionId }, counted)
    return () => removePresence(context, topic, client, counted)
  })
  return () => {
    context.admission.channels -= names.length
    for (const remove of removals) remove()
    release()
  }
}

/** Why the reader's session may not read a topic. */
function refusalOf(kind: 'session' | 'invalid' | 'unchecked', token: string | undefined): ReadRefusal {
  if (kind === 'invalid') return 'invalid_token'
  if (kind === 'unchecked') return 'unavailable'
  return presentToken(token ?? null) === null ? 'unauthorized' : 'forbidden'
}
