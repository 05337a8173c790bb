import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { socketPath } from './path.js'
import { refuse } from './refusal.js'
import { pathOf } from './request.js'

/** Handles an upgrade request for the socket path. `head` holds the bytes that followed the request. */
export type OnUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => void

/**
 * Passes the upgrade requests of an HTTP server at the socket path to `onUpgrade`. Others are left alone where another
 * listener exists, and answered here otherwise, because Node leaves an upgrade that nobody handles open.
 * @returns the undo.
 */
export function listenForUpgrades(server: Server, onUpgrade: OnUpgrade): () => void {
  const listener = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (pathOf(request.url) === socketPath) onUpgrade(request, stream, head)
    else if (server.listenerCount('upgrade') > 1) return
    else if (request.headers.upgrade?.toLowerCase() === 'websocket') refuse(stream, notFound)
    else serveWithoutUpgrade(server, request, stream)
  }
  server.on('upgrade', listener)
  return () => void server.off('upgrade', listener)
}

/** Serves the request over HTTP: a server may ignore an upgrade (RFC 9110, 7.8), and many clients offer h2c unasked. */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, stream: Duplex): void {
  stream.on('error', () => {})
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(stream as Socket)
  response.once('finish', () => stream.end())
  server.emit('request', request, response)
}

const notFound = { status: 404, code: 'not_found', message: `no WebSocket here; use ${socketPath}` } as const
