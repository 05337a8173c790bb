import type { ReplicaRequests } from '@headcount/core'
import { gone, type PollAnswer, type Push, type PushStatus } from './answer.js'
import { open, seal } from './seal.js'
import type { SessionToken } from './session-token.js'

/** A request of a poller whose session another replica has. */
type Ask = { readonly poll: number } | { readonly push: Push }

/** A session of this replica. */
export interface LocalSession {
  readonly key: string
  poll(sequence: number, signal: AbortSignal): Promise<PollAnswer>
  push(push: Push): Promise<PushStatus>
}

export interface RelayedRequestsOptions {
  readonly requests: ReplicaRequests
  /** How long, in ms, a replica may take to answer a request that it has taken. */
  readonly answerTimeout: number
  /** Requests that may wait for another replica. Further ones are answered as if it had no such session. */
  readonly most: number
  find(session: string): LocalSession | undefined
}

/** How long, in ms, a replica may take to say that it has a session. */
export const takenTimeout = 2_000

/** The name of these requests among those of replicas. */
const name = 'poller'

/**
 * Passes the requests of pollers on to the replica that has their session: a balancer, or the workers of one port,
 * distribute them to any. What they hold is encrypted with a key that only the client and that replica know.
 */
export class RelayedRequests {
  readonly #o: RelayedRequestsOptions

  constructor(options: RelayedRequestsOptions) {
    this.#o = options
    options.requests.handle(name, (body, signal) => this.#answer(body, signal))
  }

  /** Resolves to 410 where no replica has the session. */
  async poll(token: SessionToken, signal: AbortSignal): Promise<PollAnswer> {
    return ((await this.#ask(token, { poll: token.sequence }, signal)) ?? gone) as PollAnswer
  }

  async push(token: SessionToken, push: Push): Promise<PushStatus> {
    return ((await this.#ask(token, { push })) ?? 410) as PushStatus
  }

  async #ask({ replica, session, key }: SessionToken, ask: Ask, signal?: AbortSignal): Promise<unknown> {
    const { requests, answerTimeout, most } = this.#o
    if (requests.waiting >= most) return undefined
    const sealed = seal(key, 'ask', ask)
    const timeouts = { timeout: takenTimeout, longTimeout: answerTimeout }
    const answer = await requests.ask(replica, name, { session, sealed }, { ...timeouts, ...(signal && { signal }) })
    // An answer belongs to one request: what was sealed for an earlier one cannot take its place.
    return typeof answer === 'string' ? open(key, `answer ${sealed}`, answer) : undefined
  }

  /** Undefined where this replica has no such session, or the request is not of its client. */
  #answer(body: unknown, signal: AbortSignal): Promise<string> | undefined {
    const { session: id, sealed } = (body ?? {}) as { readonly session?: unknown; readonly sealed?: unknown }
    if (typeof id !== 'string' || typeof sealed !== 'string') return undefined
    const session = this.#o.find(id)
    const ask = session && askOf(open(session.key, 'ask', sealed))
    if (session === undefined || ask === undefined) return undefined
    const answer = 'poll' in ask ? session.poll(ask.poll, signal) : session.push(ask.push)
    return (answer as Promise<unknown>).then((value) => seal(session.key, `answer ${sealed}`, value))
  }
}

/** Undefined for anything else: the client has the key, too, and may reach the engine. */
function askOf(value: unknown): Ask | undefined {
  const { poll, push } = (value ?? {}) as { readonly poll?: unknown; readonly push?: Partial<Push> | null }
  const isPush = typeof push?.body === 'string' && typeof push.isBatch === 'boolean'
  return Number.isSafeInteger(poll) || isPush ? (value as Ask) : undefined
}
