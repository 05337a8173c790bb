import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { RunOptions } from '@headcount/tools/processes/server.mjs'

/** Starts a server with a limit of open files. */
export const withFiles = (files: number): RunOptions => ({
  launcher: ['bash', '-c', `ulimit -n ${files}; exec "$0" "$@"`],
})

/** A server that accepts connections, and never answers: a Redis that hangs. */
export async function startSilentServer() {
  const server = createServer((connection) => void connection.on('error', () => {})).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connected: once(server, 'connection'),
    close: () => void server.close(),
  }
}
