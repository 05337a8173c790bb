import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { HttpEnv } from './problem.js'

interface Caching {
  readonly contentType: string
  /** How long, in seconds, caches may use it without asking. 0 lets them keep it and ask each time. */
  readonly maxAge: number
  /** Whether it is for this client alone, so that shared caches must not keep it. */
  readonly isPrivate?: boolean
  /** The headers of requests that it depends on. Default: `Authorization`. */
  readonly vary?: string
}

/** A response that caches may keep: 304 without a body where the client has the same text (RFC 9110, 13.1.2). */
export function cached(
  c: Context<HttpEnv>,
  body: string | Uint8Array<ArrayBuffer>,
  { contentType, maxAge, isPrivate = false, vary = 'Authorization' }: Caching,
): Response {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  c.header('ETag', tag)
  c.header('Cache-Control', `${isPrivate ? 'private' : 'public'}, ${maxAge > 0 ? `max-age=${maxAge}` : 'no-cache'}`)
  c.header('Vary', vary)
  const known = (c.req.header('if-none-match') ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''))
  if (known.includes(tag) || known.includes('*')) return c.body(null, 304)
  return c.body(body, 200, { 'Content-Type': contentType })
}
