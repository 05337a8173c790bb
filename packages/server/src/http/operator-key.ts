import { createHash, timingSafeEqual } from 'node:crypto'
import { HeadcountError } from '@headcount/core'
import type { MiddlewareHandler } from 'hono'
import { bearerToken } from './bearer-token.js'
import { type HttpEnv, problem } from './problem.js'

/** The characters of a bearer token (RFC 6750, 2.1). */
const valid = /^[A-Za-z0-9._~+/-]+=*$/

/**
 * Requires the operator's key as a bearer token: in the header `Authorization`, or as the parameter `access_token` (RFC
 * 6750, 2.3), which makes a link of it.
 */
export function requireKey(key: string): MiddlewareHandler<HttpEnv> {
  const expected = digest(key)
  return async (c, next) => {
    const token = bearerToken(c.req.header('authorization')) ?? c.req.query('access_token')
    if (token !== undefined && timingSafeEqual(digest(token), expected)) return next()
    const error = token === undefined ? '' : ', error="invalid_token"'
    c.header('WWW-Authenticate', `Bearer realm="headcount"${error}`)
    return problem(c, 'unauthorized', "this route requires the operator's key as a bearer token")
  }
}

/** @throws {HeadcountError} `bad_option` where the key cannot be sent as a bearer token. */
export function checkKey(key: string): string {
  if (valid.test(key)) return key
  throw new HeadcountError('bad_option', 'operatorKey: expected letters, digits and . _ ~ + / - =, got others or none')
}

/** Digests have one length, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
