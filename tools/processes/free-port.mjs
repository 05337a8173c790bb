import { once } from 'node:events'
import { createServer } from 'node:net'

/** @returns A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const [port] = await freePorts(1)
  return /** @type {number} */ (port)
}

/** @param {number} count @returns Different ports that were free a moment ago. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
