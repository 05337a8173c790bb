import type { Answer, EngineOptions } from '@headcount/core'
import { unreachable } from './errors.js'
import { readLeases } from './rows.js'
import type { SlotContext } from './slot-context.js'

/**
 * Asks other replicas over their presence channels, and answers them. A question is `ask`, a number, the name of the
 * replica that asks, and the text; an answer is `answer`, the same number, the name of the one that answers, and the
 * text. Whoever may publish on the channels may ask: an answer holds nothing that Redis does not.
 */
export class Questions {
  readonly #home: SlotContext
  readonly #answer: EngineOptions['answer']
  #asked = 0
  readonly #waiting = new Map<number, (answer: Answer) => void>()

  /** @param home the context of the home slot. */
  constructor(home: SlotContext, answer: EngineOptions['answer']) {
    this.#home = home
    this.#answer = answer
  }

  /** See `Replicas.ask`. @throws {RedisEngineError} `unreachable` */
  async ask(question: string, within: number): Promise<Answer[]> {
    const { clock, replica } = this.#home
    const own = decodeURIComponent(replica)
    const others = (await readLeases(this.#home)).filter((each) => each.replica !== own)
    if (others.length === 0) return []
    const number = ++this.#asked
    const answers = new Map<string, Answer>()
    let cancel = (): void => {}
    const complete = new Promise<void>((resolve) => {
      cancel = clock.after(within, resolve)
      this.#waiting.set(number, (answer) => {
        if (others.some((each) => each.replica === answer.replica)) answers.set(answer.replica, answer)
        if (answers.size === others.length) resolve()
      })
    })
    try {
      const text = `ask ${number} ${replica} ${question}`
      await Promise.all(others.map((each) => this.#publish(encodeURIComponent(each.replica), text)))
      await complete
    } catch (error) {
      throw unreachable(error)
    } finally {
      cancel()
      this.#waiting.delete(number)
    }
    return [...answers.values()]
  }

  /** Takes a message of this replica's presence channel. Ignores those that are none of ours. */
  receive(message: string): void {
    const [, kind, number, replica, text] = /^(ask|answer) (\d{1,15}) (\S+) (.*)$/s.exec(message) ?? []
    if (replica === undefined || text === undefined) return
    if (kind === 'ask') void this.#reply(number!, replica, text).catch(() => {})
    else this.#waiting.get(Number(number))?.({ replica: nameOf(replica), text })
  }

  async #reply(number: string, asker: string, question: string): Promise<void> {
    const text = await this.#answer?.(question)
    if (text !== undefined) await this.#publish(asker, `answer ${number} ${this.#home.replica} ${text}`)
  }

  #publish(replica: string, text: string): Promise<unknown> {
    const { commands, pubsub, slotKeys } = this.#home
    const channel = `${slotKeys.presence}${replica}`
    return commands.send(channel, [pubsub.sharded ? 'SPUBLISH' : 'PUBLISH', channel, text])
  }
}

function nameOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    // Another program's.
    return encoded
  }
}
