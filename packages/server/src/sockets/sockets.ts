import type { Identity } from '@headcount/core'
import type { Vsn } from '@headcount/protocol'
import { Socket } from './socket.js'
import type { SocketContext } from './socket-context.js'
import type { Transport } from './transport.js'

/** The open sockets of a server. While there are any, one timer checks all of them, once a second. */
export class Sockets {
  readonly #open = new Set<Socket>()
  #cancelTick: (() => void) | undefined

  constructor(readonly context: SocketContext) {}

  get size(): number {
    return this.#open.size
  }

  get channels(): number {
    let channels = 0
    for (const socket of this.#open) channels += socket.channels
    return channels
  }

  /** Opens a socket on a new connection. */
  open(transport: Transport, vsn: Vsn, identity: Identity): Socket {
    this.#cancelTick ??= this.#scheduleTick()
    return new Socket(this.context, transport, vsn, identity, this.#open)
  }

  /** Closes every socket and stops the timer. */
  closeAll(code: number, reason: string): void {
    this.#cancelTick?.()
    for (const socket of this.#open) socket.close(code, reason)
  }

  #scheduleTick(): () => void {
    return this.context.clock.after(1000, () => {
      this.#cancelTick = this.#open.size === 0 ? undefined : this.#scheduleTick()
      let backlog = 0
      for (const socket of this.#open) {
        socket.tick()
        backlog += socket.transport.backlog
      }
      if (backlog > this.context.limits.totalBacklogBytes) this.#closeSlowest(backlog)
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
      socket.close(1008, 'the client reads too slowly')
    }
  }
}
