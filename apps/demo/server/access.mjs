import { isIP } from 'node:net'

/** @import { Context, MiddlewareHandler } from 'hono' */

/**
 * An error in the form that Headcount's own routes answer with.
 *
 * @param {Context} c
 * @param {400 | 403 | 404 | 413 | 415} status
 * @param {string} code
 * @param {string} message What was expected. It contains nothing that the client sent.
 */
export function problem(c, status, code, message) {
  return c.json({ error: { code, message } }, status, { 'Cache-Control': 'no-store' })
}

/**
 * Answers requests to localhost, to an IP address or to one of `names`, and refuses others with 403. A page on any
 * other host name may have reached this machine by DNS rebinding.
 *
 * @param {readonly string[]} names In lower case.
 * @returns {MiddlewareHandler}
 */
export function checkHost(names) {
  return async (c, next) => {
    const host = c.req.header('host') ?? ''
    const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : ''
    const isKnown = name === 'localhost' || name.endsWith('.localhost') || isIP(name) > 0 || names.includes(name)
    if (isKnown) return next()
    return problem(c, 403, 'unknown_host', 'expected localhost, an IP address or a name given as --allow-host')
  }
}

/**
 * Accepts a write only as JSON and only from a page of this server. A client without an Origin is not a browser.
 *
 * @type {MiddlewareHandler}
 */
export async function checkWrite(c, next) {
  if (c.req.method === 'GET') return next()
  const origin = c.req.header('origin')
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === c.req.header('host'))) {
    return problem(c, 403, 'cross_origin', 'expected a request from a page of this server')
  }
  if (c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    return problem(c, 415, 'unsupported_media_type', 'expected Content-Type: application/json')
  }
  return next()
}
