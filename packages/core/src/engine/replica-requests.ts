import { randomUUID } from 'node:crypto'
import type { Clock } from '../runtime/clock.js'
import type { ReplicaId } from './engine.js'

/** The format of messages and of all that is in them. During a deploy, replicas of two formats do not answer. */
const format = 1

/** What replicas send each other, as JSON. `taken`: the answer will come. `lost`: nobody waits for it any more. */
interface Message {
  readonly format: number
  readonly kind: 'ask' | 'taken' | 'answer' | 'lost'
  /** Random, so that only a replica that was asked can answer. */
  readonly request: string
  /** The replica that asks. */
  readonly by: ReplicaId
  /** What kind of request it is, where it is one. */
  readonly name?: string
  /** What is asked or answered. Absent from the answer of a replica that has none. */
  readonly body?: unknown
}

/**
 * Answers a request: at once, or with a promise where that takes longer. `undefined` is no answer, and so is an error.
 * @param body JSON that anyone who can reach the engine may have sent.
 * @param signal aborted when nobody waits for the answer any more.
 */
export type RequestHandler = (body: unknown, signal: AbortSignal) => unknown

export interface ReplicaRequestsOptions {
  readonly id: ReplicaId
  readonly clock: Clock
  /** Sends a text to a replica. Resolves to false where it surely is not received. Never rejects. */
  send(to: ReplicaId, text: string): Promise<boolean>
}

export interface WaitOptions {
  /** How long, in ms, the replica may take to answer, or to say that the answer takes longer. */
  readonly timeout: number
  /** How long, in ms, it may take after it said so. Default: no longer. */
  readonly longTimeout?: number
  /** Aborted when the answer is not needed any more. */
  readonly signal?: AbortSignal
}

interface Pending {
  taken(): void
  done(answer: unknown): void
}

/** Requests and answers between replicas, over the texts that the engine relays. */
export class ReplicaRequests {
  readonly #o: ReplicaRequestsOptions
  readonly #handlers = new Map<string, RequestHandler>()
  /** Requests to other replicas. */
  readonly #pending = new Map<string, Pending>()
  /** Requests of other replicas that are not answered yet. */
  readonly #unanswered = new Map<string, AbortController>()
  #isClosed = false

  constructor(options: ReplicaRequestsOptions) {
    this.#o = options
  }

  /** How many requests of this replica wait for an answer. */
  get waiting(): number {
    return this.#pending.size
  }

  /** Answers the requests with a name from now on. */
  handle(name: string, handler: RequestHandler): void {
    this.#handlers.set(name, handler)
  }

  /** Asks another replica. Resolves to undefined where it does not answer in time. Never rejects. */
  ask(to: ReplicaId, name: string, body: unknown, { timeout, longTimeout, signal }: WaitOptions): Promise<unknown> {
    const { clock } = this.#o
    if (this.#isClosed) return Promise.resolve(undefined)
    const request = randomUUID()
    return new Promise((resolve) => {
      const done = (answer?: unknown): void => {
        cancel()
        this.#pending.delete(request)
        resolve(answer)
      }
      // What has arrived is handled first: this process may have stood still.
      const doneIn = (ms: number) => clock.after(ms, () => clock.soon(done))
      let cancel = doneIn(timeout)
      const taken = (): void => {
        if (longTimeout === undefined) return
        cancel()
        cancel = doneIn(longTimeout)
      }
      this.#pending.set(request, { taken, done })
      const post = (message: Partial<Message>) => this.#send(to, { ...message, request, by: this.#o.id })
      signal?.addEventListener('abort', () => {
        if (!this.#pending.has(request)) return
        done()
        void post({ kind: 'lost' })
      })
      void post({ kind: 'ask', name, body }).then((isReceived) => isReceived || done())
    })
  }

  /** Ends all requests of this replica, also those to come, without an answer: none can arrive any more. */
  close(): void {
    this.#isClosed = true
    for (const { done } of [...this.#pending.values()]) done(undefined)
  }

  /** Takes a text that another replica has sent. Never throws: anyone who can reach the engine may send anything. */
  receive(text: string): void {
    const message = parse(text)
    if (message === undefined) return
    const { kind, request, body } = message
    if (kind === 'ask') void this.#answer(message)
    else if (kind === 'taken') this.#pending.get(request)?.taken()
    else if (kind === 'answer') this.#pending.get(request)?.done(body)
    else this.#unanswered.get(request)?.abort()
  }

  async #answer({ request, by, name = '', body }: Message): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    // An answer that nobody waits for may never come.
    signal.addEventListener('abort', () => this.#unanswered.delete(request))
    this.#unanswered.set(request, controller)
    const post = (message: Partial<Message>) => this.#send(by, { ...message, request, by })
    let answer: unknown
    try {
      answer = this.#handlers.get(name)?.(body, signal)
      if (answer instanceof Promise) void post({ kind: 'taken' })
      answer = await answer
    } catch {
      answer = undefined
    }
    this.#unanswered.delete(request)
    if (!signal.aborted) void post({ kind: 'answer', body: answer })
  }

  #send(to: ReplicaId, message: Partial<Message>): Promise<boolean> {
    return this.#o.send(to, JSON.stringify({ format, ...message }))
  }
}

function parse(text: string): Message | undefined {
  try {
    const message = JSON.parse(text) as Partial<Message> | null
    const { format: given, kind, request, by, name = '' } = message ?? {}
    const isMessage = given === format && [kind, request, by, name].every((each) => typeof each === 'string')
    return isMessage ? (message as Message) : undefined
  } catch {
    return undefined
  }
}
