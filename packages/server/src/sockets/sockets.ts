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
      for (const socket of this.#open) socket.tick()
    })
  }
}
