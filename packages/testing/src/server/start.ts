import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHeadcount, type Headcount, type HeadcountOptions, type Logger } from '@headcount/server'

/** A server in this process, on a port of 127.0.0.1. */
export interface Running {
  /** `http://127.0.0.1:4321` */
  readonly url: string
  readonly port: number
  readonly headcount: Headcount
  readonly server: Server
  /** Everything that it logged, at every level, a JSON object a line. */
  logged(): string
  /** Drains it and closes the port. */
  stop(): Promise<void>
}

/**
 * Starts a server as an application embeds it: attached to a plain HTTP server that also serves its routes.
 * @param port a free one unless given.
 */
export async function startHeadcount(options: HeadcountOptions = {}, port = 0): Promise<Running> {
  const log: string[] = []
  const headcount = createHeadcount({ logger: logInto(log), ...options })
  const server = createServer((request, response) => headcount.handle(request, response))
  headcount.attach(server)
  await headcount.ready
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    headcount,
    server,
    logged: () => log.join('\n'),
    async stop() {
      await headcount.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function logInto(log: string[]): Logger {
  const at = (level: string) => (fields: object, message: string) =>
    void log.push(JSON.stringify({ level, ...fields, message }))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
