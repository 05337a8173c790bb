import type { Clock } from '@headcount/core'
import type { Limits } from './limits.js'

/** Why the process has no room now. A later attempt may succeed. */
export type Overload = 'memory' | 'lag'
/** The same for another socket, regardless of the number of sockets. */
export type Trouble = Overload | 'files'
type FullForSockets = 'too_many_sockets' | 'too_many_handshakes' | Trouble
type FullForJoins = 'too_many_channels' | Overload

/** How long, in ms, a reading of memory and files is used, and how much may be admitted by that of memory. */
const readInterval = 250
const admittedPerRead = 16

/** Reads are refused at this part of the limit of memory: many may have arrived, and have no answer yet. */
const readShare = 0.9
/** How much less memory a read uses than what else is admitted. */
const readWeight = 1 / 4

/** Files are read less often where that takes long, as before Linux 6.2: 1 µs for each that is open. */
const filesReadShare = 1 / 50

/** Decides whether the process has room for another socket or channel. Those that are open stay in any case. */
export class Admission {
  #handshakes = 0
  #second = 0
  #memory = 0
  #admittedSinceRead = 0
  #readAt = Number.NEGATIVE_INFINITY
  /** At the last reading of files, less the handshakes since. */
  #freeFiles = 0
  #filesUsableUntil = Number.NEGATIVE_INFINITY
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
      /** The used share of the process's memory, from 0 to 1. */
      memory(): number
      /** How many more sockets there are file descriptors for: fewer than none where too few are left. */
      freeFiles(): number
      /** How many topics are watched that were joined: also those that all have left, while their counts settle. */
      joinedTopics(): number
      refused(why: FullForSockets | FullForJoins): void
    },
  ) {}

  /** @param open number of open sockets. */
  handshake(open: number): FullForSockets | undefined {
    return this.#reported(this.#handshake(open))
  }

  /** For a request that is answered once: it uses memory until its client has read the response. */
  request(): 'memory' | undefined {
    this.#admittedSinceRead += readWeight
    return this.#reported(this.#usedMemory > readShare * this.options.limits.memoryShare ? 'memory' : undefined)
  }

  /** For a reader that is not counted. The topics that it reads use memory, but no place of a channel. */
  read(): Overload | undefined {
    this.#admitted()
    return this.#reported(this.#overload)
  }

  join(): FullForJoins | undefined {
    const { limits, joinedTopics } = this.options
    // Empty topics use memory, too. Clients that change their topic are not refused for it.
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
    this.#admitted()
    if (open >= limits.sockets) return 'too_many_sockets'
    if (this.#handshakes > limits.handshakesPerSecond) return 'too_many_handshakes'
    return this.trouble
  }

  /** Why there is no room for a socket, regardless of the number of sockets. */
  get trouble(): Trouble | undefined {
    return this.#overload ?? (this.#hasFewFiles() ? 'files' : undefined)
  }

  #admitted(): void {
    this.#admittedSinceRead += 1
    this.#freeFiles -= 1
  }

  /** From 0 to 1. */
  get #usedMemory(): number {
    const { clock, memory } = this.options
    if (clock.now() - this.#readAt >= readInterval || this.#admittedSinceRead > admittedPerRead) {
      this.#memory = memory()
      this.#readAt = clock.now()
      this.#admittedSinceRead = 0
    }
    return this.#memory
  }

  get #overload(): Overload | undefined {
    if (this.#usedMemory > this.options.limits.memoryShare) return 'memory'
    return Math.min(this.#lag, this.#previousLag) > this.options.limits.lag ? 'lag' : undefined
  }

  #hasFewFiles(): boolean {
    const { clock, freeFiles } = this.options
    const start = clock.now()
    if (start >= this.#filesUsableUntil) {
      this.#freeFiles = freeFiles()
      this.#filesUsableUntil = start + Math.max(readInterval, (clock.now() - start) / filesReadShare)
    }
    return this.#freeFiles < 0
  }

  /** How late, in ms, the newest timer was. */
  get lag(): number {
    return this.#lag
  }

  /**
   * Records the delay, in ms, of a timer. The event loop lags if two in a row are late: a process that was blocked once
   * is not overloaded.
   */
  lagged(ms: number): void {
    this.#previousLag = this.#lag
    this.#lag = ms
  }
}
