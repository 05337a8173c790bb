import { createReadStream } from 'node:fs'
import { readlink } from 'node:fs/promises'
import type { Socket } from 'node:net'
import type { Clock } from '@headcount/core'

/** Where Linux lists the TCP connections of the machine or container. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6']

/** How often, in ms, they are read. With 20,000 connections on the machine this takes 60 ms of CPU time. */
const interval = 10_000

/**
 * A line of a connection without an acknowledgement in at least five retransmissions, which take at least 6 s. Its
 * end is `timer:when retransmissions uid probes inode`; the first three are in hex.
 */
const lostLine = / [\dA-F]{2}:[\dA-F]{8} 000000(?:0[5-9A-F]|[1-9A-F][\dA-F]) +\d+ +\d+ (\d+) /g

/** The tables of TCP connections, and the key of a connection in them. */
export interface Kernel {
  /** The text of a table, in pieces: other work goes on between them. Throws where there is no such table. */
  read(table: string): AsyncIterable<string>
  /** The inode, as in `4026531`; undefined where it is not known. */
  inodeOf(socket: Socket): Promise<string | undefined>
}

/**
 * Closes connections whose peer vanished without closing them. A stream gets no answers that would show it, and TCP
 * itself times out after 15 minutes. Works only on Linux and without a proxy in between: a proxy acknowledges what it
 * receives, and so does the system of a client that hangs.
 */
export class LostReaders {
  /** By inode. Those of the readers of one HTTP/2 connection have the same. */
  readonly #sockets = new Map<string, Set<Socket>>()
  #cancel: (() => void) | undefined

  /** @param lost called when a socket is destroyed. */
  constructor(
    private readonly clock: Clock,
    private readonly lost: () => void,
    private readonly kernel: Kernel = linux,
  ) {}

  /** Destroys a socket once its peer has vanished. Something must be sent to it regularly. */
  async watch(socket: Socket): Promise<void> {
    const inode = await this.kernel.inodeOf(socket)
    if (inode === undefined || socket.destroyed) return
    const sockets = this.#sockets.get(inode) ?? new Set()
    this.#sockets.set(inode, sockets.add(socket))
    socket.once('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) this.#sockets.delete(inode)
      if (this.#sockets.size > 0) return
      this.#cancel?.()
      this.#cancel = undefined
    })
    this.#cancel ??= this.#schedule()
  }

  #schedule(): () => void {
    return this.clock.after(interval, () => void this.#check())
  }

  async #check(): Promise<void> {
    // A system without IPv6 has no table for it.
    for (const table of tables) await this.#endLost(table).catch(() => {})
    this.#cancel?.()
    this.#cancel = this.#sockets.size > 0 ? this.#schedule() : undefined
  }

  async #endLost(table: string): Promise<void> {
    let text = ''
    for await (const piece of this.kernel.read(table)) {
      text += piece
      for (const [, inode = ''] of text.matchAll(lostLine)) this.#end(inode)
      text = text.slice(text.lastIndexOf('\n') + 1)
    }
  }

  #end(inode: string): void {
    for (const socket of this.#sockets.get(inode) ?? []) {
      if (socket.destroyed) continue
      this.lost()
      socket.destroy()
    }
  }
}

/** The tables of the network of this process. */
export const linux: Kernel = {
  read: (table) => createReadStream(table, 'latin1'),
  async inodeOf(socket) {
    // Not part of Node's types.
    const fd = (socket as { _handle?: { fd?: number } | null })._handle?.fd ?? -1
    const link = await readlink(`/proc/self/fd/${fd}`).catch(() => '')
    return /^socket:\[(\d+)\]$/.exec(link)?.[1]
  },
}
