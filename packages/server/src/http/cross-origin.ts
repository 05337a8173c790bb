import type { Context, MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { type AllowsOrigin, isCrossOrigin } from '../origins.js'

/** The name and port that a request asks for. HTTP/2 has no header `Host`: they are part of its URL. */
export function requestHost(c: Context): string {
  return c.req.header('host') ?? new URL(c.req.url).host
}

/** Lets pages of allowed origins read, never with credentials. */
export function crossOriginReads(allows: AllowsOrigin): MiddlewareHandler {
  return cors({
    origin: (origin, c) => (origin !== '' && allows(origin, requestHost(c)) ? origin : null),
    allowMethods: ['GET', 'HEAD'],
    maxAge: 600,
  })
}

/** Whether the request comes from a page of a forbidden origin, or of another origin that it does not name. */
export function isFromOtherPage(c: Context, allows: AllowsOrigin): boolean {
  const origin = c.req.header('origin')
  return origin === undefined ? isCrossOrigin(c.req.header('sec-fetch-site')) : !allows(origin, requestHost(c))
}
