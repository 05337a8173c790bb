import type { ReplicaRequests } from '@headcount/core'
import { gone, type PollAnswer, type Push, type PushStatus } from './answer.js'
import type { PollConnection } from './poll-connection.js'
import { open, seal } from './seal.js'
import type { SessionToken } from './session-token.js'

/** A request of a poller whose session another replica has. */
type Ask = { readonly poll: number } | { readonly push: Push }

export interface RelayedRequestsOptions {
  readonly requests: ReplicaRequests
  /** How long, in ms, a replica may take to answer a request that it has acknowledged. */
  readonly answerTimeout: number
  /** Maximum requests that wait for other replicas. Further ones are answered like unknown sessions. */
  readonly maxWaiting: number
  /** A session of this replica. */
  find(session: string): Pick<PollConnection, 'names' | 'poll' | 'push'> | undefined
}

/** How long, in ms, a replica may take to acknowledge a request. */
export const takenTimeout = 2_000

/** The name of the handler. */
const name = 'poller'

/**
 * Relays the requests of pollers to the replica that has their session: a load balancer, or the workers of one port,
 * may send them to any. Their content is encrypted with a key that only the client and that replica know.
 */
export class RelayedRequests {
  constructor(private readonly options: RelayedRequestsOptions) {
    options.requests.handle(name, (body, signal) => this.#answer(body, signal))
  }

  /** Resolves to 410 if no replica has the session. */
  async poll(token: SessionToken, signal: AbortSignal): Promise<PollAnswer> {
    return ((await this.#ask(token, { poll: token.sequence }, signal)) ?? gone) as PollAnswer
  }

  async push(token: SessionToken, push: Push): Promise<PushStatus> {
    return ((await this.#ask(token, { push })) ?? 410) as PushStatus
  }

  async #ask({ replica, session, key }: SessionToken, ask: Ask, signal?: AbortSignal): Promise<unknown> {
    const { requests, answerTimeout, maxWaiting } = this.options
    if (requests.waiting >= maxWaiting) return undefined
    const sealed = seal(key, 'ask', ask)
    const timeouts = { timeout: takenTimeout, longTimeout: answerTimeout }
    const answer = await requests.ask(replica, name, { session, sealed }, { ...timeouts, ...(signal && { signal }) })
    // An answer belongs to one request: one that was sealed for an earlier request is invalid.
    return typeof answer === 'string' ? open(key, `answer ${sealed}`, answer) : undefined
  }

  /** Undefined if this replica has no such session, or the request is not from its client. */
  #answer(body: unknown, signal: AbortSignal): Promise<string> | undefined {
    const { session: id, sealed } = (body ?? {}) as { readonly session?: unknown; readonly sealed?: unknown }
    if (typeof id !== 'string' || typeof sealed !== 'string') return undefined
    const session = this.options.find(id)
    if (session === undefined) return undefined
    const { key } = session.names
    const ask = askOf(open(key, 'ask', sealed))
    if (ask === undefined) return undefined
    const answer = 'poll' in ask ? session.poll(ask.poll, signal) : session.push(ask.push)
    return (answer as Promise<unknown>).then((value) => seal(key, `answer ${sealed}`, value))
  }
}

/** Undefined for any other body: the client has the key, too, and may reach the engine. */
function askOf(value: unknown): Ask | undefined {
  const { poll, push } = (value ?? {}) as { readonly poll?: unknown; readonly push?: Partial<Push> | null }
  const isPush = typeof push?.body === 'string' && typeof push.isBatch === 'boolean'
  return Number.isSafeInteger(poll) || isPush ? (value as Ask) : undefined
}
