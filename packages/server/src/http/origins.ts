import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

/**
 * Whether a page of `origin` may read counts and open sockets on a server that is called `host` (name and port).
 * The same rule for both.
 */
export type AllowsOrigin = (origin: string, host: string) => boolean

/**
 * The rule of the setting `origins`: those named, any where `*` is; where none are, pages of the server's own host, on
 * whatever port: ports are not compared by Phoenix either, and a page under development has one of its own.
 */
export function allowsOrigin(origins: readonly string[] | undefined): AllowsOrigin {
  if (origins === undefined) return sameHost
  const named = new Set(origins.map((origin) => origin.toLowerCase()))
  return (origin) => named.has('*') || named.has(origin.toLowerCase())
}

const sameHost: AllowsOrigin = (origin, host) =>
  URL.canParse(origin) &&
  URL.canParse(`http://${host}`) &&
  new URL(origin).hostname === new URL(`http://${host}`).hostname

/** The server's own pages alone, over http or https. */
export const ownHost: AllowsOrigin = (origin, host) =>
  URL.canParse(origin) && new URL(origin).host === host.toLowerCase()

/** Lets pages of other origins read, where the rule allows them; never with credentials. */
export function crossOriginReads(allows: AllowsOrigin): MiddlewareHandler {
  return cors({
    origin: (origin, c) => (origin !== '' && allows(origin, c.req.header('host') ?? '') ? origin : null),
    allowMethods: ['GET', 'HEAD'],
    maxAge: 600,
  })
}
