import { once } from 'node:events'
import { createServer } from 'node:net'
import { listenLocally } from '@headcount/tools/processes/free-port.mjs'
import type { RunOptions } from '@headcount/tools/processes/server.mjs'

/** Starts a server with a limit of open files. */
export const withFiles = (files: number): RunOptions => ({
  launcher: ['bash', '-c', `ulimit -n ${files}; exec "$0" "$@"`],
})

/** A server that accepts connections, and never answers: a Redis that hangs. */
export async function startSilentServer() {
  const server = createServer((connection) => void connection.on('error', () => {}))
  return {
    url: `redis://127.0.0.1:${await listenLocally(server)}`,
    connected: once(server, 'connection'),
    close: () => void server.close(),
  }
}
