import type { Clock } from '@headcount/core'
import type { Limits } from './limits.js'

/** Why the process has no room for now. A client that comes back later may be let in. */
export type Overload = 'memory' | 'lag'
/** The same, for another socket, however many there are. */
export type Trouble = Overload | 'files'
type FullForSockets = 'too_many_sockets' | 'too_many_handshakes' | Trouble
type FullForJoins = 'too_many_channels' | Overload

/** What the process uses of its memory, as a share from 0 to 1. */
export type MemoryShare = () => number

/** Whether few file descriptors are left. */
export type FewFiles = () => boolean

/** How long, in ms, and for how many handshakes and streams a reading of memory and files is used. */
const readInterval = 250
const admittedPerRead = 16

/** Decides whether the process has room for another socket or channel. Those that are open stay in any case. */
export class Admission {
  #handshakes = 0
  #second = 0
  #memory = 0
  #hasFewFiles = false
  #admittedSinceRead = 0
  #readAt = Number.NEGATIVE_INFINITY
  #lag = 0
  #previousLag = 0
  /** Open channels of all sockets. */
  channels = 0
  /** Those of them that asked to observe. */
  observers = 0

  constructor(
    private readonly options: {
      readonly limits: Limits
      readonly clock: Clock
      readonly memory: MemoryShare
      readonly fewFiles: FewFiles
      /** How many topics are watched that were joined: also those that all have left, while their counts settle. */
      joinedTopics(): number
      /** Is called with each refusal. */
      refused(why: FullForSockets | FullForJoins): void
    },
  ) {}

  /** @param open how many sockets there are. */
  handshake(open: number): FullForSockets | undefined {
    return this.#reported(this.#handshake(open))
  }

  /** For a reader of topics that is not counted. The topics that it reads take memory, but no place of a channel. */
  read(): Overload | undefined {
    this.#admittedSinceRead += 1
    return this.#reported(this.#overload)
  }

  join(): FullForJoins | undefined {
    const { limits, joinedTopics } = this.options
    // Topics that all have left take memory, too. Clients that change their topic are not refused for it.
    const isFull = this.channels >= limits.channels || joinedTopics() >= 2 * limits.channels
    return this.#reported(isFull ? 'too_many_channels' : this.#overload)
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
    this.#admittedSinceRead += 1
    if (open >= limits.sockets) return 'too_many_sockets'
    if (this.#handshakes > limits.handshakesPerSecond) return 'too_many_handshakes'
    return this.trouble
  }

  /** Why there is no room for a socket, however many there are. */
  get trouble(): Trouble | undefined {
    return this.#overload ?? (this.#hasFewFiles ? 'files' : undefined)
  }

  get #overload(): Overload | undefined {
    const { limits, clock, memory, fewFiles } = this.options
    if (clock.now() - this.#readAt >= readInterval || this.#admittedSinceRead > admittedPerRead) {
      this.#memory = memory()
      this.#hasFewFiles = fewFiles()
      this.#readAt = clock.now()
      this.#admittedSinceRead = 0
    }
    if (this.#memory > limits.memoryShare) return 'memory'
    return Math.min(this.#lag, this.#previousLag) > limits.lag ? 'lag' : undefined
  }

  /** How late, in ms, the newest timer was. */
  get lag(): number {
    return this.#lag
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
