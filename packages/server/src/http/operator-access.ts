import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Context, MiddlewareHandler } from 'hono'
import { bearerToken } from './bearer-token.js'
import type { CountsOptions } from './counts.js'
import { requestHost } from './cross-origin.js'
import { KeyAttempts } from './key-attempts.js'
import { type HttpEnv, problem } from './problem.js'

export interface OperatorAccessOptions extends Pick<CountsOptions, 'clock' | 'metrics' | 'addressOf'> {
  readonly operatorKey: string
}

/** Headers of every response to an operator: no caching, no framing, and no key in a referrer. */
const headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** Adds the headers, which a route may override. */
export const operatorHeaders: MiddlewareHandler<HttpEnv> = async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.header(name, value)
}

/** The key that a request has, right or wrong; undefined for none. */
function keyOf(c: Context<HttpEnv>): string | undefined {
  return bearerToken(c.req.header('authorization')) ?? c.req.query('access_token')
}

/** Keys are compared in constant time, which requires equal lengths: digests have them. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** Answers a request without the right key; undefined for one that has it. */
export type KeyCheck = (c: Context<HttpEnv>) => Response | undefined

/**
 * Checks that a request has the operator's key as a bearer token: in the header `Authorization`, or as the parameter
 * `access_token` (RFC 6750, 2.3), which makes a link of it. An address that sent several wrong keys has to wait.
 */
export function keyCheck(options: OperatorAccessOptions): KeyCheck {
  const expected = digest(options.operatorKey)
  const attempts = new KeyAttempts(options.clock)
  return (c) => {
    const key = keyOf(c)
    if (key === undefined) return unauthorized(c, '', "this route requires the operator's key as a bearer token")
    const request = c.env?.incoming as IncomingMessage | undefined
    const address = request === undefined ? null : options.addressOf(request)
    const wait = attempts.wait(address)
    if (wait > 0) {
      options.metrics.count('invalid_keys', 1, 'slowed')
      c.header('Retry-After', String(Math.ceil(wait / 1000)))
      return problem(c, 'too_many_keys', 'this address has sent wrong keys: wait before the next one')
    }
    if (timingSafeEqual(digest(key), expected)) {
      attempts.succeeded(address)
      return undefined
    }
    attempts.failed(address)
    options.metrics.count('invalid_keys', 1, 'wrong')
    return unauthorized(c, ', error="invalid_token"', "this is not the operator's key")
  }
}

export function requireKey(check: KeyCheck): MiddlewareHandler<HttpEnv> {
  return async (c, next) => check(c) ?? next()
}

function unauthorized(c: Context<HttpEnv>, error: string, message: string): Response {
  c.header('WWW-Authenticate', `Bearer realm="headcount"${error}`)
  return problem(c, 'unauthorized', message)
}

/**
 * For a port without a key: refuses requests to a public name without the key. Otherwise a page of that name, whose
 * address was changed to this server's, could read it (DNS rebinding).
 */
export function requireOwnHost(check: KeyCheck): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (isOwnHost(requestHost(c))) return next()
    if (keyOf(c) !== undefined) return check(c) ?? next()
    return problem(c, 'foreign_host', "use an address, localhost or an internal name, or send the operator's key")
  }
}

/** Domains in which no public name can be registered (RFC 6761, 6762, 8375; ICANN for `internal`). */
const internalNames = /(^|\.)(localhost|local|internal|lan|test|home\.arpa|svc|svc\.cluster\.local)$/

/** Whether a host is an address, or a name that is not public. */
export function isOwnHost(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  if (/^\[.*\]$/.test(name)) return isIP(name.slice(1, -1)) === 6
  return isIP(name) === 4 || !name.includes('.') || internalNames.test(name)
}
