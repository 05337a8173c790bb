import { createServer } from 'node:net'

/** @returns {Promise<number>} A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const [port] = await freePorts(1)
  return /** @type {number} */ (port)
}

/**
 * @param {number} count
 * @returns {Promise<number[]>} As many different ports of 127.0.0.1 that were free a moment ago.
 */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listen))
  const ports = servers.map((server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** @returns {Promise<import('node:net').Server>} */
function listen() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
