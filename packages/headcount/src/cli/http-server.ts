import { createServer, type RequestListener, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Metrics } from '@headcount/core'
import { ignoreRequests } from '@headcount/server'
import type { Settings } from '../settings/complete.js'

/** How many times per time limit Node checks for requests that exceed it. */
const checksPerTimeout = 5

/** Why a request is refused: the status and the message. docs/ERRORS.md lists them. */
const badRequests = {
  malformed_request: ['400 Bad Request', 'expected a request in HTTP/1.1'],
  request_timeout: ['408 Request Timeout', 'the request did not arrive in time'],
  headers_too_large: ['431 Request Header Fields Too Large', 'the head of the request is too long'],
  too_many_connections: ['503 Service Unavailable', 'the server has no room now; try again later'],
} as const

export type BadRequestCode = keyof typeof badRequests

/** By the code of Node's error. */
const codes: Readonly<Record<string, BadRequestCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
}

/**
 * An HTTP server with the limits of the settings. A connection that sends no complete request in time is closed, even
 * one that sends a byte a second. Requests that Node refuses get a JSON error, and are counted.
 */
export function createHttpServer(limits: Settings['http'], metrics: Metrics, listener: RequestListener): Server {
  const { keepAlive, requestTimeout, headerBytes } = limits
  const refuse = (connection: Duplex, code: BadRequestCode): void => {
    metrics.count('http_refused', 1, code)
    if (isUnanswered(connection)) connection.end(errorResponse(code), () => connection.destroy())
    else connection.destroy()
  }
  const options = {
    // Node would answer each of thousands in one turn of the event loop.
    requireHostHeader: false,
    ...{ requestTimeout, headersTimeout: requestTimeout, keepAliveTimeout: keepAlive, maxHeaderSize: headerBytes },
    connectionsCheckingInterval: requestTimeout / checksPerTimeout,
  }
  const answer: RequestListener = (request, response) => {
    const { socket, headers, httpVersion } = request
    if (headers.host !== undefined || httpVersion === '1.0') listener(request, response)
    else {
      ignoreRequests(socket)
      refuse(socket, 'malformed_request')
    }
  }
  const server = createServer(options, answer)
  // Node would refuse an unknown expectation. A server may ignore it (RFC 9110, 10.1.1).
  server.on('checkExpectation', answer)
  return server.on('clientError', (error: NodeJS.ErrnoException, connection) => {
    const { code: cause = '' } = error
    const code = codes[cause] ?? (cause.startsWith('HPE_') ? 'malformed_request' : undefined)
    if (code === undefined) connection.destroy()
    else refuse(connection, code)
  })
}

/** Whether nothing has been sent: a response cannot be inside another one. */
function isUnanswered(connection: Duplex): boolean {
  return connection.writable && 'bytesWritten' in connection && connection.bytesWritten === 0
}

/** A response that ends a connection, with the delay of a retry if one may succeed. */
export function errorResponse(code: BadRequestCode): string {
  const [status, message] = badRequests[code]
  const body = JSON.stringify({ error: { code, message } })
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  const retry = status.startsWith('503') ? 'Retry-After: 5\r\n' : ''
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n${retry}Content-Type: application/json\r\n${length}\r\n\r\n${body}`
}
