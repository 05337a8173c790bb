import type { Server } from 'node:http'
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
  #open = 0
  readonly #most: number
  /** All connections share it: a closure for each would be a tenth of an idle socket's memory. */
  readonly #onClose = (): void => {
    this.#open -= 1
  }

  constructor(
    private readonly metrics: Metrics,
    private readonly logs: LogLimiter,
    files = openFiles(),
  ) {
    this.#most = files === undefined ? Number.POSITIVE_INFINITY : Math.max(1, files.limit - files.used - files.reserve)
  }

  /** Counts the connections of a server, and those of the other servers. */
  apply(server: Server): void {
    server.prependListener('connection', (connection) => {
      this.#open += 1
      connection.on('close', this.#onClose)
      if (this.#open <= this.#most) return
      this.metrics.count('http_refused', 1, tooMany)
      log(this.logs.by(tooMany), 'connection_refused', { connections: this.#most })
      connection.end(errorResponse(tooMany))
      connection.destroySoon()
    })
  }
}
