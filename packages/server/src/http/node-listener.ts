import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { getRequestListener, type Http2Bindings, type HttpBindings, RequestError } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import { type HttpEnv, type ProblemCode, problems } from './problem.js'
import { StreamBody } from './stream-body.js'

/**
 * Serves an app, whose requests have no body, to Node's HTTP servers.
 * @param refused counts a refusal before the app has the request.
 */
export function nodeListener({ fetch }: Pick<Hono<HttpEnv>, 'fetch'>, refused: (code: ProblemCode) => void) {
  const answer = async (request: Request, env: HttpBindings | Http2Bindings): Promise<Response> => {
    const response = await fetch(request, env as HttpBindings)
    const { outgoing } = env
    // The application has answered, as after a time limit of its own.
    if (outgoing.headersSent) return RESPONSE_ALREADY_SENT
    if (!(response.body instanceof StreamBody)) return response
    // The connection ends with the stream, so chunks would only make each write cost more.
    outgoing.removeHeader('transfer-encoding')
    // HTTP/2 has no such header, and Node would warn of it.
    if ('stream' in outgoing) response.headers.delete('connection')
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    response.body.sendTo(outgoing)
    return RESPONSE_ALREADY_SENT
  }
  const errorHandler = (error: unknown): Response => {
    const code = error instanceof RequestError ? 'malformed_url' : 'internal'
    const message = code === 'internal' ? 'internal error' : 'the path and the header Host make no URL'
    refused(code)
    return Response.json(
      { error: { code, message } },
      { status: problems[code], headers: { 'Cache-Control': 'no-store' } },
    )
  }
  // Without a Host header, as in HTTP/1.0, a URL has no host.
  const listener = getRequestListener(answer, { hostname: 'localhost', overrideGlobalObjects: false, errorHandler })
  return (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    // Node would read the rest of a body, as fast as it is sent.
    if (!incoming.complete) outgoing.shouldKeepAlive = false
    return listener(incoming, outgoing)
  }
}

/** Closes the connection of a response after it; one of HTTP/2 after all its responses. */
export function closeAfter(response: ServerResponse | Http2ServerResponse): void {
  if ('stream' in response) response.stream.session?.close()
  else response.shouldKeepAlive = false
}
