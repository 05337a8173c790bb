import type { Writer } from '@headcount/core'
import type { Endpoint } from './socket-context.js'
import type { Wire } from './transport.js'

/** A socket with so many times `backlogBytes` still to be sent does not read at all: it is cut off. */
const cutOffFactor = 16

/**
 * How long, in ms, what follows a frame waits for another frame that the client wrote in the same breath: the two may
 * come in two reads, with a turn or more between.
 */
export const breath = 5

/** The way out of a socket: what is due in one turn leaves as one write, and what waits is bounded. */
export abstract class Outlet implements Writer {
  protected isOpen = true
  /** Frames due at the end of this turn. */
  #due: Buffer[] | Buffer | undefined
  /** What comes after all else of this breath. */
  #after: (() => void)[] | undefined

  constructor(
    readonly endpoint: Endpoint,
    readonly wire: Wire,
  ) {}

  /** Ends the socket from this side. */
  abstract close(code: number, reason: string): void

  /** True where diffs are to be skipped, until the wire has drained. */
  get slow(): boolean {
    return this.wire.backlog > this.endpoint.limits.backlogBytes
  }

  /** Frames to the client, at the end of this turn. */
  send(frames: Buffer): void {
    if (!this.isOpen) return
    this.endpoint.metrics.count('frames_sent')
    this.endpoint.metrics.count('bytes_sent', frames.length)
    if (this.#due === undefined) {
      this.#due = frames
      this.endpoint.turn.write(this)
    } else if (Array.isArray(this.#due)) this.#due.push(frames)
    else this.#due = [this.#due, frames]
  }

  flush(): void {
    const due = this.#due
    this.#due = undefined
    if (due === undefined || !this.isOpen) return
    this.wire.write(Array.isArray(due) ? Buffer.concat(due) : due)
    if (this.wire.backlog > this.endpoint.limits.backlogBytes * cutOffFactor) {
      this.close(1008, 'expected a client that reads what it is sent')
    }
  }

  /** Calls `act` after the answers to all frames that came in the same breath. */
  after(act: () => void): void {
    if (this.#after !== undefined) {
      this.#after.push(act)
      return
    }
    this.#after = [act]
    this.endpoint.clock.after(breath, () => {
      const acts = this.#after ?? []
      this.#after = undefined
      for (const each of acts) each()
    })
  }
}
