import { createHash, timingSafeEqual } from 'node:crypto'
import { HeadcountError } from '@headcount/core'
import type { Context } from 'hono'
import { bearerToken } from './bearer-token.js'
import type { HttpEnv } from './problem.js'

/** The characters of a bearer token (RFC 6750, 2.1). */
const valid = /^[A-Za-z0-9._~+/-]+=*$/

/** The key that a request has, right or wrong; undefined for none. */
export function keyOf(c: Context<HttpEnv>): string | undefined {
  return bearerToken(c.req.header('authorization')) ?? c.req.query('access_token')
}

/** Returns a constant-time test for the right key. */
export function keyTest(key: string): (given: string) => boolean {
  const expected = digest(key)
  return (given) => timingSafeEqual(digest(given), expected)
}

/** @throws {HeadcountError} `bad_option` if the key cannot be sent as a bearer token. */
export function checkKey(key: string): string {
  if (valid.test(key)) return key
  throw new HeadcountError('bad_option', 'operatorKey: expected letters, digits and . _ ~ + / - =, got others or none')
}

/** The comparison requires equal lengths, which digests have. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
