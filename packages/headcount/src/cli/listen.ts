import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadcountError, type HeadcountErrorCode } from '@headcount/core'

export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * How many connections may wait to be accepted. Node's own 511 overflow when thousands come back at once, and whoever is
 * dropped tries again a second later; the kernel cuts it to what it allows.
 */
const backlog = 4096

/** Whether processes can listen at one port side by side, so that the kernel deals connections out and no process must. */
const canShare = process.platform === 'linux' && atLeast(22, 12)

function atLeast(major: number, minor: number): boolean {
  const [ours = 0, theirs = 0] = process.versions.node.split('.').map(Number)
  return ours > major || (ours === major && theirs >= minor)
}

/**
 * Listens, and gives the port that it listens on.
 * @param shared with other processes of a pool, which the kernel or the process above them deals connections to.
 * @throws {HeadcountError} `port_in_use`, `no_permission`, `no_address`.
 */
export function listen(server: Server, { host, port }: Address, shared = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(explained(error, { host, port }))
    server.once('error', failed)
    server.listen({ port, host, backlog, reusePort: shared && canShare }, () => {
      server.off('error', failed)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Where a person opens the server on this machine. */
export function urlOf({ host, port }: Address): string {
  const here = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)
  return `http://${here ? 'localhost' : inUrl(host)}:${port}`
}

/** Where a program on this machine opens sockets: an address and no name, which may stand for another address. */
export function socketsUrlOf({ host, port }: Address): string {
  return `ws://${inUrl(host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)}:${port}`
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** How long, in ms, requests under way may take to end. */
const lastRequests = 2_000

/** Takes no more connections, at once, and resolves when the open ones have ended or `lastRequests` have passed. */
export function stopListening(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), lastRequests)
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

const codes: Readonly<Record<string, readonly [HeadcountErrorCode, expected: string]>> = {
  EADDRINUSE: ['port_in_use', 'a free port, got one that another program listens on'],
  EACCES: ['no_permission', 'a port that this user may listen on, got one that takes more rights'],
  EADDRNOTAVAIL: ['no_address', 'an address of this machine, got another'],
  ENOTFOUND: ['no_address', 'a host name or an address, got one that cannot be found'],
  EAI_AGAIN: ['no_address', 'a host name or an address, got one that cannot be found'],
}

function explained(error: NodeJS.ErrnoException, { host, port }: Address): Error {
  const [code, expected] = codes[error.code ?? ''] ?? []
  if (code === undefined) return error
  const setting = code === 'no_address' ? `host ${host}` : `port ${port} of ${host}`
  return new HeadcountError(code, `${setting}: expected ${expected} (${error.code})`, { cause: error })
}
