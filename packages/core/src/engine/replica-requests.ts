import { randomUUID } from 'node:crypto'
import type { Clock } from '../runtime/clock.js'
import type { ReplicaId } from './engine.js'

/** The version of the message format. During a deploy, replicas with different versions do not answer each other. */
const format = 1

/** A message between replicas, as JSON. `taken`: the answer will follow. `cancelled`: it is no longer needed. */
interface Message {
  readonly format: number
  readonly kind: 'ask' | 'taken' | 'answer' | 'cancelled'
  /** Random, so that only a replica that was asked can answer. */
  readonly request: string
  /** The replica that asks. */
  readonly by: ReplicaId
  /** The name of the handler, in a request. */
  readonly name?: string
  /** The body of the request or answer. Absent if the replica has no answer. */
  readonly body?: unknown
}

/**
 * Answers a request, immediately or with a promise. `undefined` and errors mean no answer.
 * @param body untrusted JSON: anyone who can reach the engine may have sent it.
 * @param signal aborted when the answer is no longer needed.
 */
export type RequestHandler = (body: unknown, signal: AbortSignal) => unknown

export interface ReplicaRequestsOptions {
  readonly id: ReplicaId
  readonly clock: Clock
  /** Sends a text to a replica. Resolves to false if it is certain that it is not received. Never rejects. */
  send(to: ReplicaId, text: string): Promise<boolean>
}

export interface WaitOptions {
  /** How long, in ms, the replica may take to answer, or to acknowledge the request. */
  readonly timeout: number
  /** How much longer, in ms, it may take after it acknowledged the request. Default: 0. */
  readonly longTimeout?: number
  /** Aborted when the answer is no longer needed. */
  readonly signal?: AbortSignal
}

interface Pending {
  taken(): void
  done(answer: unknown): void
}

/** Requests and answers between replicas, over the texts that the engine relays. */
export class ReplicaRequests {
  readonly #handlers = new Map<string, RequestHandler>()
  /** Requests to other replicas. */
  readonly #pending = new Map<string, Pending>()
  /** Requests of other replicas that are not yet answered. */
  readonly #unanswered = new Map<string, AbortController>()
  #isClosed = false

  constructor(private readonly options: ReplicaRequestsOptions) {}

  /** The number of requests of this replica that wait for an answer. */
  get waiting(): number {
    return this.#pending.size
  }

  handle(name: string, handler: RequestHandler): void {
    this.#handlers.set(name, handler)
  }

  /** Sends a request to another replica. Resolves to undefined if it does not answer in time. Never rejects. */
  ask(to: ReplicaId, name: string, body: unknown, { timeout, longTimeout, signal }: WaitOptions): Promise<unknown> {
    const { clock } = this.options
    if (this.#isClosed) return Promise.resolve(undefined)
    const request = randomUUID()
    return new Promise((resolve) => {
      const done = (answer?: unknown): void => {
        cancel()
        this.#pending.delete(request)
        resolve(answer)
      }
      // Answers that have arrived are handled first: this process may have been blocked.
      const doneIn = (ms: number) => clock.after(ms, () => clock.soon(done))
      let cancel = doneIn(timeout)
      const taken = (): void => {
        if (longTimeout === undefined) return
        cancel()
        cancel = doneIn(longTimeout)
      }
      this.#pending.set(request, { taken, done })
      const post = (message: Partial<Message>) => this.#send(to, { ...message, request, by: this.options.id })
      signal?.addEventListener('abort', () => {
        if (!this.#pending.has(request)) return
        done()
        void post({ kind: 'cancelled' })
      })
      void post({ kind: 'ask', name, body }).then((isReceived) => isReceived || done())
    })
  }

  /** Ends all requests of this replica, and later ones at once, without an answer: none can arrive any more. */
  close(): void {
    this.#isClosed = true
    for (const { done } of [...this.#pending.values()]) done(undefined)
  }

  /** Handles a text from another replica. Never throws: anyone who can reach the engine may send anything. */
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
    // The answer is no longer needed and may never come.
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
    return this.options.send(to, JSON.stringify({ format, ...message }))
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
