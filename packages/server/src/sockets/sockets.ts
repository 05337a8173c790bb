import type { CloseReason } from './closes.js'
import { Schedule } from './schedule.js'
import { type Opening, Socket } from './socket.js'
import type { SocketContext } from './socket-context.js'
import type { Transport } from './transport.js'

/**
 * The open sockets of a server. While there are any, one timer ends each second: for the sockets that flood or are
 * paused, those with unsent bytes, and those that are due.
 */
export class Sockets {
  readonly #open: Schedule<Socket>
  #cancelTick: (() => void) | undefined

  constructor(readonly context: SocketContext) {
    this.#open = new Schedule(context.limits)
  }

  get size(): number {
    return this.#open.size
  }

  open(transport: Transport, opening: Opening): Socket {
    this.#cancelTick ??= this.#scheduleTick(this.context.clock.now() + 1000)
    return new Socket(this.context, transport, opening, this.#open)
  }

  /** Removes the presences of some sockets, which are about to be closed. */
  removePresences(size: number): Socket[] {
    const leaving = [...this.#open].slice(0, size)
    for (const socket of leaving) socket.removePresences()
    return leaving
  }

  /** Closes every socket and stops the timer. */
  closeAll(why: CloseReason): void {
    this.#cancelTick?.()
    for (const socket of this.#open) socket.close(why)
  }

  #scheduleTick(due: number): () => void {
    const { clock, admission, limits, metrics } = this.context
    return clock.after(Math.max(0, due - clock.now()), () => {
      const isLast = this.#open.size === 0
      const now = clock.now()
      const late = Math.max(0, now - due)
      admission.lagged(isLast ? 0 : late)
      metrics.observe('event_loop_lag', late / 1000)
      // A process that was blocked does not catch up.
      const hasStoodStill = late > 1000
      this.#cancelTick = isLast ? undefined : this.#scheduleTick((hasStoodStill ? now : due) + 1000)
      const all = hasStoodStill ? [...this.#open] : undefined
      const { activities, due: planned } = this.#open.endSecond()
      let backlog = 0
      for (const [socket, activity] of activities) if (!activity.isHarmless) backlog += socket.endSecond(activity)
      // Tokens expire by the clock, which continued while the process was blocked. One that expired then may have been
      // renewed: messages that have arrived are read first.
      for (const socket of all ?? planned) socket.visit(Math.min(due, now))
      if (backlog > limits.totalBacklogBytes) this.#closeSlowest(backlog)
    })
  }

  /** Closes the sockets with the largest backlogs until the rest is within half of the limit. */
  #closeSlowest(total: number): void {
    const { totalBacklogBytes } = this.context.limits
    const slowestFirst = [...this.#open].sort((a, b) => b.transport.backlog - a.transport.backlog)
    let left = total
    for (const socket of slowestFirst) {
      if (left <= totalBacklogBytes / 2) return
      left -= socket.transport.backlog
      socket.close('reads_too_slowly')
    }
  }
}
