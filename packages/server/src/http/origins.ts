import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

/** Whether a page of `origin` may read counts and open sockets on the server at `host` (name and port). */
export type AllowsOrigin = (origin: string, host: string) => boolean

/**
 * The rule of the option `origins`: the named ones, or all where `*` is among them. By default the pages of the
 * server's own host, on any port: Phoenix compares no ports either, and a development server has one of its own.
 */
export function allowsOrigin(origins: readonly string[] | undefined): AllowsOrigin {
  if (origins === undefined) return isSameHost
  const named = new Set(origins.map((origin) => origin.toLowerCase()))
  return (origin) => named.has('*') || named.has(origin.toLowerCase())
}

const isSameHost: AllowsOrigin = (origin, host) =>
  URL.canParse(origin) &&
  URL.canParse(`http://${host}`) &&
  new URL(origin).hostname === new URL(`http://${host}`).hostname

/** Lets pages of allowed origins read, never with credentials. */
export function crossOriginReads(allows: AllowsOrigin): MiddlewareHandler {
  return cors({
    origin: (origin, c) => (origin !== '' && allows(origin, c.req.header('host') ?? '') ? origin : null),
    allowMethods: ['GET', 'HEAD'],
    maxAge: 600,
  })
}
