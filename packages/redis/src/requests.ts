import type { Clock } from '@headcount/core'
import type { RedisCommands } from './commands.js'
import { RedisEngineError } from './errors.js'
import { withTimeout } from './with-timeout.js'

/** Sends requests, each with a timeout. While one that timed out is still in flight, others fail immediately. */
export class Requests {
  #blocked = false

  /** @param timeout in ms. */
  constructor(
    private readonly commands: RedisCommands,
    private readonly clock: Clock,
    private readonly timeout: number,
  ) {}

  /** Whether a request would be sent now. */
  get ready(): boolean {
    return this.#problem === undefined
  }

  get #problem(): string | undefined {
    return this.commands.problem() ?? (this.#blocked ? 'a request to Redis is overdue' : undefined)
  }

  /**
   * Sends a command to the node that has the key.
   * @throws {RedisEngineError} `unreachable` if it is not ready, and on timeout; otherwise the error of the reply.
   */
  async send(key: string, args: readonly string[]): Promise<unknown> {
    const problem = this.#problem
    if (problem !== undefined) throw new RedisEngineError('unreachable', problem)
    const reply = this.commands.send(key, args)
    try {
      return await withTimeout(this.clock, this.timeout, reply)
    } catch (error) {
      // A timeout: errors of Redis are of other classes.
      if (error instanceof RedisEngineError) this.#blockUntil(reply)
      throw error
    }
  }

  #blockUntil(reply: Promise<unknown>): void {
    this.#blocked = true
    const unblock = () => {
      this.#blocked = false
    }
    reply.then(unblock, unblock)
  }
}
