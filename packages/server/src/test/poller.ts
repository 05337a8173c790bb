import type { Vsn } from '@headcount/protocol'
import type { PollAnswer } from '../longpoll/answer.js'
import type { LongPolls } from '../longpoll/long-polls.js'
import type { SessionToken } from '../longpoll/session-token.js'

/** A client that polls only by `poll()`. */
export class Poller {
  readonly token: SessionToken
  readonly statuses: number[] = []
  readonly events: string[] = []
  /** The counts of the last message with any, as JSON. */
  shown: string | undefined
  sequence = 0
  isClosed = false
  readonly #polls: LongPolls
  #lost = new AbortController()
  #ref = 0

  constructor(polls: LongPolls, { vsn = 2, address = null }: { vsn?: Vsn; address?: string | null } = {}) {
    this.#polls = polls
    const session = { userId: null, clientId: null }
    this.token = polls.open({ vsn, session, address }, () => {
      this.isClosed = true
    })
  }

  /** Polls once. Resolves with the answer. */
  async poll(): Promise<PollAnswer> {
    this.#lost = new AbortController()
    const answer = await this.#polls.poll({ ...this.token, sequence: this.sequence }, this.#lost.signal)
    this.statuses.push(answer.status)
    if (answer.status !== 410) this.sequence = answer.sequence
    if (answer.status === 200) for (const text of JSON.parse(answer.messages) as string[]) this.#read(text)
    return answer
  }

  /** Loses the connection of the waiting poll. */
  lose(): void {
    this.#lost.abort()
  }

  push(body: string, isBatch = true): Promise<number> {
    return this.#polls.push(this.token, { body, isBatch })
  }

  join(...topics: readonly string[]): Promise<number> {
    return this.push(topics.map((topic) => this.message(topic, 'phx_join')).join('\n'))
  }

  message(topic: string, event: string, payload: unknown = {}): string {
    const ref = String(++this.#ref)
    return JSON.stringify([ref, ref, topic, event, payload])
  }

  #read(text: string): void {
    const message = JSON.parse(text)
    const [event, payload] = Array.isArray(message) ? message.slice(3) : [message.event, message.payload]
    this.events.push(event)
    if (event === 'presence_state') this.shown = JSON.stringify(payload)
    if (event === 'presence_diff') this.shown = JSON.stringify(payload.counts)
  }
}
