import { createServer } from 'node:http'
import { listenLocally } from './free-port.mjs'
import { operatorKey } from './metrics.mjs'

/**
 * @typedef {object} Embeddable The result of `createHeadcount` of `@headcount/server`.
 * @property {Promise<unknown>} ready
 * @property {(...args: [...Parameters<import('node:http').RequestListener>, next?: () => void]) => unknown} handle
 * @property {(server: import('node:http').Server) => unknown} attach
 * @property {() => Promise<unknown>} close
 */

/**
 * Serves an embedded Headcount in this process: attached to a plain HTTP server that also serves its routes, and passes
 * other requests on to `next`.
 *
 * @template {Embeddable} H
 * @param {(options: { logger: ReturnType<typeof arrayLogger>, operatorKey: string }) => H} create Creates it with these
 *   options.
 * @param {number} [port] A free one by default.
 * @param {import('node:http').RequestListener} [next]
 */
export async function serveEmbedded(create, port = 0, next) {
  /** @type {string[]} */
  const log = []
  const headcount = create({ logger: arrayLogger(log), operatorKey })
  const server = createServer((request, response) =>
    headcount.handle(request, response, next && (() => next(request, response))),
  )
  headcount.attach(server)
  await headcount.ready
  const taken = await listenLocally(server, port)
  return {
    /** `http://127.0.0.1:4321` */
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    headcount,
    server,
    /** The log at all levels, one JSON object per line. */
    logged: () => log.join('\n'),
    /** Drains it and closes the port. */
    async stop() {
      await headcount.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** @param {string[]} log */
function arrayLogger(log) {
  /** @param {string} level */
  const at = (level) => (/** @type {object} */ fields, /** @type {string} */ message) =>
    void log.push(JSON.stringify({ level, ...fields, message }))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
