import { type Clock, type Identity, matchesPattern, type Topic, type TopicRule, type TopicRules } from '@headcount/core'
import { nameOf } from '../error-name.js'
import type { Session } from './session.js'

/**
 * Decides whether a client may join a topic. While a promise is pending its socket reads no further messages. A
 * rejection, an exception, and a promise that is pending for 10 s refuse the join.
 */
export type Authorize = (topic: Topic, identity: Pick<Identity, 'userId'>) => boolean | Promise<boolean>

/** How long, in ms, the application may take: the stock client waits as long for the reply to its join. */
const answerTimeout = 10_000

/** The one rule of which client may join and read a topic: its pattern, then the application. */
export class Access {
  /** @param failed called with the reason if `authorize` answers neither true nor false. */
  constructor(
    private readonly topics: TopicRules,
    private readonly clock: Clock,
    private readonly authorize?: Authorize,
    private readonly failed: (reason: string) => void = () => {},
  ) {}

  /** A promise if the application returns one. Never throws or rejects, and settles: any other answer is false. */
  allows(topic: Topic, session: Session): boolean | Promise<boolean> {
    const rule = this.topics.match(topic)
    if (rule === undefined || !patternAllows(rule, topic, session)) return false
    if (this.authorize === undefined) return true
    try {
      const answer: unknown = this.authorize(topic, { userId: session.userId })
      return isThenable(answer) ? this.#inTime(answer) : this.#isTrue(answer)
    } catch (error) {
      return this.#fail(nameOf(error))
    }
  }

  #inTime(answer: PromiseLike<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(answerTimeout, () =>
        resolve(this.#fail(`no answer within ${answerTimeout / 1000} s`)),
      )
      const finish = (allowed: boolean): void => {
        cancel()
        resolve(allowed)
      }
      void Promise.resolve(answer)
        .then(
          (value) => this.#isTrue(value),
          (error) => this.#fail(nameOf(error)),
        )
        .then(finish)
    })
  }

  /** Not merely truthy: an application that forgets to return a value must not allow the join. */
  #isTrue(answer: unknown): boolean {
    if (typeof answer === 'boolean') return answer
    return this.#fail(`expected true or false, got ${answer === null ? 'null' : typeof answer}`)
  }

  #fail(reason: string): false {
    this.failed(reason)
    return false
  }
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer
}

function patternAllows({ access }: TopicRule, topic: Topic, { userId, topics = [] }: Session): boolean {
  if (access === 'users') return userId !== null
  return access === 'everyone' || topics.some((pattern) => matchesPattern(pattern, topic))
}
