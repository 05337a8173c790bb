import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import type { LogLimiter, Metrics } from '@headcount/core'
import { openFiles } from '@headcount/server'
import { log } from '../log-events.js'
import { errorResponse } from './http-server.js'

const tooMany = 'too_many_connections'

/**
 * Refuses connections without a file descriptor. Otherwise Node would close new connections silently, and a worker
 * would lose those that its primary hands over, after which it gets no more.
 */
export class ConnectionLimit {
  readonly #servers: Server[] = []
  readonly #max: number
  /**
   * An upper bound of the open connections: those that have closed since the last count are included. A listener that
   * counts its close would add 64 bytes to each socket.
   */
  #open = 0

  constructor(
    private readonly metrics: Metrics,
    private readonly logs: LogLimiter,
    files = openFiles(),
  ) {
    this.#max = files === undefined ? Number.POSITIVE_INFINITY : Math.max(1, files.limit - files.used - files.reserve)
  }

  /** Counts the connections of a server, and those of the other servers. */
  apply(server: Server): void {
    this.#servers.push(server)
    server.prependListener('connection', (connection) => {
      this.#open += 1
      if (this.#open > this.#max) void this.#check(connection)
    })
  }

  async #check(connection: Socket): Promise<void> {
    const counts = await Promise.all(this.#servers.map((server) => promisify(server.getConnections).call(server)))
    this.#open = counts.reduce((sum, count) => sum + count, 0)
    if (this.#open <= this.#max) return
    this.metrics.count('http_refused', 1, tooMany)
    log(this.logs.by(tooMany), 'connection_refused', { connections: this.#max })
    connection.end(errorResponse(tooMany))
    connection.destroySoon()
  }
}
