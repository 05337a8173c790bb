import type { Identity } from '@headcount/core'
import type { Vsn } from '@headcount/protocol'
import { Socket } from './socket.js'
import type { SocketContext } from './socket-context.js'
import type { Transport } from './transport.js'

/** The open sockets of a server. One timer checks all of them, once a second. */
export class Sockets {
  readonly #open = new Set<Socket>()
  #cancelTick: () => void

  constructor(readonly context: SocketContext) {
    this.#cancelTick = this.#scheduleTick()
  }

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
    return new Socket(this.context, transport, vsn, identity, this.#open)
  }

  /** Closes every socket and stops the timer. */
  closeAll(code: number, reason: string): void {
    this.#cancelTick()
    for (const socket of this.#open) socket.close(code, reason)
  }

  #scheduleTick(): () => void {
    return this.context.clock.after(1000, () => {
      this.#cancelTick = this.#scheduleTick()
      for (const socket of this.#open) socket.tick()
    })
  }
}
