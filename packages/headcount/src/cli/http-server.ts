import { createServer, type RequestListener, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Metrics } from '@headcount/core'
import type { Settings } from '../settings/complete.js'

/** How many times within the time limit of requests Node looks for those that exceed it. */
const checksPerTimeout = 5

interface BadRequest {
  readonly status: string
  readonly code: string
  readonly message: string
}

/** By the code of Node's error. */
const badRequests: Readonly<Record<string, BadRequest>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    ...{ status: '408 Request Timeout', code: 'request_timeout' },
    message: 'the request did not arrive in time',
  },
  HPE_HEADER_OVERFLOW: {
    ...{ status: '431 Request Header Fields Too Large', code: 'headers_too_large' },
    message: 'the head of the request is too long',
  },
}

const malformed: BadRequest = {
  ...{ status: '400 Bad Request', code: 'malformed_request' },
  message: 'expected a request in HTTP/1.1',
}

/**
 * An HTTP server with the limits of the settings. A connection that sends no whole request in time is closed, also one
 * that sends nothing, or a byte a second. Requests that Node refuses get a JSON error, and are counted.
 */
export function createHttpServer(limits: Settings['http'], metrics: Metrics, listener: RequestListener): Server {
  const { keepAlive, requestTimeout, headerBytes } = limits
  const options = {
    ...{ requestTimeout, headersTimeout: requestTimeout, keepAliveTimeout: keepAlive, maxHeaderSize: headerBytes },
    connectionsCheckingInterval: requestTimeout / checksPerTimeout,
  }
  const server = createServer(options, listener)
  return server.on('clientError', (error: NodeJS.ErrnoException, connection) => {
    const { code = '' } = error
    const isBadRequest = code.startsWith('HPE_') || Object.hasOwn(badRequests, code)
    const badRequest = badRequests[code] ?? malformed
    if (isBadRequest) metrics.count('http_refused', 1, badRequest.code)
    if (isBadRequest && isUnanswered(connection)) connection.end(response(badRequest), () => connection.destroy())
    else connection.destroy()
  })
}

/** Whether nothing has been sent: in the middle of a response there is no place for another one. */
function isUnanswered(connection: Duplex): boolean {
  return connection.writable && 'bytesWritten' in connection && connection.bytesWritten === 0
}

function response({ status, code, message }: BadRequest): string {
  const body = JSON.stringify({ error: { code, message } })
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\n${length}\r\n\r\n${body}`
}
