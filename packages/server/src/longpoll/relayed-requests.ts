import type { Clock, ReplicaId } from '@headcount/core'
import type { PollAnswer, Push, PushStatus } from './answer.js'
import { open, seal } from './seal.js'
import type { SessionToken } from './session-token.js'

/** A request of a poller whose session another replica has. */
type Ask = { readonly poll: number } | { readonly push: Push }

/** What replicas send each other. All but the names is sealed with the key of the session. */
interface RelayedMessage {
  /** `taken`: the answer will come. `lost`: the client of a poll has left before its answer. */
  readonly kind: 'ask' | 'taken' | 'answer' | 'gone' | 'lost'
  readonly request: string
  readonly session: string
  /** The replica that was asked by the client. */
  readonly by: ReplicaId
  readonly sealed?: string
}

/** A session of this replica. */
export interface LocalSession {
  readonly key: string
  poll(sequence: number, signal: AbortSignal): Promise<PollAnswer>
  push(push: Push): Promise<PushStatus>
}

export interface RelayedRequestsOptions {
  readonly id: ReplicaId
  readonly clock: Clock
  /** How long, in ms, a replica may take to answer a request that it has taken. */
  readonly answerTimeout: number
  /** Requests that may wait for another replica. Further ones are answered as if it had no such session. */
  readonly most: number
  /** Sends a text to a replica. Resolves to false where it surely is not received. Never rejects. */
  send(to: ReplicaId, text: string): Promise<boolean>
  find(session: string): LocalSession | undefined
}

/** How long, in ms, a replica may take to say that it has a session. */
export const takenTimeout = 2_000

interface Pending {
  readonly token: SessionToken
  done(value: unknown): void
  restart(timeout: number): void
}

/**
 * Passes the requests of pollers on to the replica that has their session: a balancer, or the workers of one port,
 * distribute them to any. What they hold is encrypted with a key that only the client and that replica know.
 */
export class RelayedRequests {
  readonly #o: RelayedRequestsOptions
  readonly #pending = new Map<string, Pending>()
  /** The polls that wait here for clients of other replicas. */
  readonly #polls = new Map<string, AbortController>()
  #requests = 0

  constructor(options: RelayedRequestsOptions) {
    this.#o = options
  }

  /** Resolves to 410 where no replica has the session. */
  async poll(token: SessionToken, signal: AbortSignal): Promise<PollAnswer> {
    return ((await this.#ask(token, { poll: token.sequence }, signal)) ?? { status: 410 }) as PollAnswer
  }

  async push(token: SessionToken, push: Push): Promise<PushStatus> {
    return ((await this.#ask(token, { push })) ?? 410) as PushStatus
  }

  /** Receives what another replica has sent. Never throws: anyone who can reach the engine may send anything. */
  receive(text: string): void {
    const message = parse(text)
    if (message === undefined) return
    const { kind, request } = message
    const pending = this.#pending.get(request)
    if (kind === 'ask') void this.#answer(message)
    else if (kind === 'lost') this.#polls.get(nameOf(message))?.abort()
    else if (pending?.token.session !== message.session) return
    else if (kind === 'taken') pending.restart(this.#o.answerTimeout)
    else if (kind === 'gone') pending.done(undefined)
    else pending.done(open(pending.token.key, `answer ${nameOf(message)}`, message.sealed ?? ''))
  }

  #ask(token: SessionToken, ask: Ask, signal?: AbortSignal): Promise<unknown> {
    const { id, clock, send, most } = this.#o
    if (token.replica === id || this.#pending.size >= most) return Promise.resolve(undefined)
    this.#requests += 1
    const names = { request: String(this.#requests), session: token.session, by: id }
    return new Promise((resolve) => {
      const done = (value: unknown): void => {
        cancel()
        this.#pending.delete(names.request)
        resolve(value)
      }
      let cancel = clock.after(takenTimeout, () => done(undefined))
      const restart = (timeout: number): void => {
        cancel()
        cancel = clock.after(timeout, () => done(undefined))
      }
      this.#pending.set(names.request, { token, done, restart })
      const post = (message: object): Promise<boolean> => send(token.replica, JSON.stringify({ ...names, ...message }))
      signal?.addEventListener('abort', () => {
        if (!this.#pending.has(names.request)) return
        done(undefined)
        void post({ kind: 'lost' })
      })
      const sealed = seal(token.key, `ask ${nameOf(names)}`, ask)
      void post({ kind: 'ask', sealed }).then((isReceived) => isReceived || done(undefined))
    })
  }

  async #answer({ request, session: name, by, sealed = '' }: RelayedMessage): Promise<void> {
    const names = { request, session: name, by }
    const post = (message: object): Promise<boolean> => this.#o.send(by, JSON.stringify({ ...names, ...message }))
    const session = this.#o.find(name)
    const ask = session && askOf(open(session.key, `ask ${nameOf(names)}`, sealed))
    if (session === undefined || ask === undefined) {
      void post({ kind: 'gone' })
      return
    }
    void post({ kind: 'taken' })
    const answer = 'poll' in ask ? this.#poll(session, ask.poll, nameOf(names)) : session.push(ask.push)
    void post({ kind: 'answer', sealed: seal(session.key, `answer ${nameOf(names)}`, await answer) })
  }

  async #poll(session: LocalSession, sequence: number, name: string): Promise<PollAnswer> {
    const controller = new AbortController()
    const { signal } = controller
    this.#polls.set(name, controller)
    const lost = new Promise<PollAnswer>((resolve) =>
      signal.addEventListener('abort', () => resolve({ status: 410 }), { once: true }),
    )
    try {
      return await Promise.race([session.poll(sequence, signal), lost])
    } finally {
      this.#polls.delete(name)
    }
  }
}

function nameOf({ request, session, by }: Pick<RelayedMessage, 'request' | 'session' | 'by'>): string {
  return `${by} ${request} ${session}`
}

/** Undefined for anything else: the client has the key, too, and may reach the engine. */
function askOf(value: unknown): Ask | undefined {
  const { poll, push } = (value ?? {}) as { readonly poll?: unknown; readonly push?: Partial<Push> | null }
  const isPush = typeof push?.body === 'string' && typeof push.isBatch === 'boolean'
  return Number.isSafeInteger(poll) || isPush ? (value as Ask) : undefined
}

function parse(text: string): RelayedMessage | undefined {
  try {
    const message = JSON.parse(text) as Partial<RelayedMessage> | null
    const { kind, request, session, by, sealed = '' } = message ?? {}
    const texts = [kind, request, session, by, sealed]
    return texts.every((each) => typeof each === 'string') ? (message as RelayedMessage) : undefined
  } catch {
    return undefined
  }
}
