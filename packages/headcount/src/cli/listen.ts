import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadcountError, type HeadcountErrorCode } from '@headcount/core'
import type { Settings } from '../settings/complete.js'

export interface Address {
  readonly host: string
  readonly port: number
  /** The flag that sets the port, for errors. */
  readonly flag?: '--port' | '--operator-port'
}

/**
 * How many connections may wait to be accepted. Node's default of 511 overflows when thousands of clients reconnect at
 * once, and each dropped one retries a second later. The kernel lowers it to its own limit.
 */
const backlog = 4096

/** Whether the kernel can distribute connections to several processes that listen on one port: since Node 22.12. */
const canShare =
  process.platform === 'linux' && process.versions.node.localeCompare('22.12', 'en', { numeric: true }) >= 0

/**
 * Listens, and resolves with the port.
 * @param shared with the other workers of a primary.
 * @throws {HeadcountError} `port_in_use`, `no_permission`, `no_address`.
 */
export async function listen(server: Server, address: Address, shared = false): Promise<number> {
  const { host, port } = address
  server.listen({ port, host, backlog, reusePort: shared && canShare })
  await once(server, 'listening').catch((error) => {
    throw explained(error, address)
  })
  return (server.address() as AddressInfo).port
}

/** A port of an address that this process, or its workers, can listen on. @throws {HeadcountError} as `listen`. */
export async function freePort(address: Address): Promise<number> {
  const server = createServer()
  const port = await listen(server, address)
  await stopListening(server)
  return port
}

export function operatorAddress({ operatorHost: host, operatorPort: port }: Settings): Address | undefined {
  return port === undefined ? undefined : { host, port, flag: '--operator-port' }
}

/** The URL of a server for a browser on this machine. */
export function urlOf({ host, port }: Address): string {
  if (['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)) return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** How long, in ms, requests in flight may take to end. */
const requestTimeout = 2_000

/**
 * Stops accepting connections. Resolves when the open ones have closed or were destroyed.
 * @param answered resolves when waiting requests have answers. The connections are destroyed 2 s later.
 */
export async function stopListening(server: Server, answered: Promise<unknown> = Promise.resolve()): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  await Promise.race([closed, answered])
  const timer = setTimeout(() => server.closeAllConnections(), requestTimeout)
  await closed
  clearTimeout(timer)
}

const codes: Readonly<Record<string, readonly [HeadcountErrorCode, expected: string]>> = {
  EADDRINUSE: ['port_in_use', 'a free port, got one that another program listens on'],
  EACCES: ['no_permission', 'a port that this user may listen on, got one that needs more rights'],
  EADDRNOTAVAIL: ['no_address', 'an address of this machine, got another'],
  EINVAL: ['no_address', 'an address of this machine, with its zone if it is link-local (fe80::1%eth0), got another'],
  EAFNOSUPPORT: ['no_address', 'an address of a family that this system has, got another'],
  ENOTFOUND: ['no_address', 'a host name or an address, got one that cannot be found'],
  EAI_AGAIN: ['no_address', 'a host name or an address, got one that cannot be found'],
}

function explained(error: NodeJS.ErrnoException, { host, port, flag = '--port' }: Address): Error {
  const [code, expected] = codes[error.code ?? ''] ?? []
  if (code === undefined) return error
  const setting = code === 'no_address' ? `host ${host}` : `port ${port} of ${host}`
  const hint = code === 'no_address' ? '' : `; choose another with ${flag}`
  return new HeadcountError(code, `${setting}: expected ${expected} (${error.code})${hint}`, { cause: error })
}
