import type { Clock } from '@headcount/core'
import type { Limits } from './limits.js'

/** Why the process has no room for now. A client that comes back later may be let in. */
export type Overload = 'memory' | 'lag'
type FullForSockets = 'too_many_sockets' | 'too_many_handshakes' | Overload
type FullForJoins = 'too_many_channels' | Overload

/** What the process uses of its memory, as a share from 0 to 1. */
export type MemoryShare = () => number

/** How long, in ms, a reading of the memory is used. */
const memoryInterval = 250

/** Decides whether the process has room for another socket or channel. Those that are open stay in any case. */
export class Admission {
  #handshakes = 0
  #second = 0
  #memory = 0
  #memoryReadAt = Number.NEGATIVE_INFINITY
  #lag = 0
  #previousLag = 0
  /** Open channels of all sockets. */
  channels = 0

  constructor(
    private readonly options: {
      readonly limits: Limits
      readonly clock: Clock
      readonly memory: MemoryShare
      /** Is called with each refusal. */
      refused(why: FullForSockets | FullForJoins): void
    },
  ) {}

  /** @param open how many sockets there are. */
  handshake(open: number): FullForSockets | undefined {
    return this.#reported(this.#handshake(open))
  }

  join(): FullForJoins | undefined {
    return this.#reported(this.channels >= this.options.limits.channels ? 'too_many_channels' : this.overload)
  }

  #reported<W extends FullForSockets | FullForJoins>(why: W | undefined): W | undefined {
    if (why !== undefined) this.options.refused(why)
    return why
  }

  #handshake(open: number): FullForSockets | undefined {
    const { limits, clock } = this.options
    const second = Math.floor(clock.now() / 1000)
    if (second !== this.#second) this.#handshakes = 0
    this.#second = second
    this.#handshakes += 1
    if (open >= limits.sockets) return 'too_many_sockets'
    if (this.#handshakes > limits.handshakesPerSecond) return 'too_many_handshakes'
    return this.overload
  }

  /** The reason, whatever is asked for. */
  get overload(): Overload | undefined {
    const { limits, clock, memory } = this.options
    if (clock.now() - this.#memoryReadAt >= memoryInterval) {
      this.#memory = memory()
      this.#memoryReadAt = clock.now()
    }
    if (this.#memory > limits.memoryShare) return 'memory'
    return Math.min(this.#lag, this.#previousLag) > limits.lag ? 'lag' : undefined
  }

  /**
   * Takes note of how late, in ms, a timer was. The event loop lags where two in a row are late: a process that stood
   * still once is not overloaded.
   */
  lagged(ms: number): void {
    this.#previousLag = this.#lag
    this.#lag = ms
  }
}
