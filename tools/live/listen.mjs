import { createServer, Server as HttpServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { listenLocally } from '../processes/free-port.mjs'

/**
 * Listens on a free port of 127.0.0.1 until the test finishes, which closes its connections of HTTP.
 *
 * @param {import('node:net').Server | import('node:http').RequestListener} serverOrListener
 * @param {(close: () => Promise<void>) => void} cleanup takes what closes it: another function for concurrent tests.
 * @returns `http://127.0.0.1:4321`
 */
export async function listen(serverOrListener, cleanup = onTestFinished) {
  const server = typeof serverOrListener === 'function' ? createServer(serverOrListener) : serverOrListener
  const port = await listenLocally(server)
  cleanup(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    if (!(server instanceof HttpServer)) return
    server.closeAllConnections()
    await closed
  })
  return `http://127.0.0.1:${port}`
}
