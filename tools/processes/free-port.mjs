import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Listens on 127.0.0.1.
 *
 * @param {import('node:net').Server} server
 * @param {number} [port] A free one by default.
 * @returns The port.
 */
export async function listenLocally(server, port = 0) {
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}

/** @returns A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const [port] = await freePorts(1)
  return /** @type {number} */ (port)
}

/** @param {number} count @returns Different ports that were free a moment ago. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(servers.map((server) => listenLocally(server)))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
