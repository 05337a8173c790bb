import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { HttpEnv } from './problem.js'

interface Caching {
  readonly contentType: string
  /** How long, in seconds, caches may use it. With 0 they must revalidate it each time. */
  readonly maxAge: number
  /** Whether it is only for this client, so that shared caches must not store it. */
  readonly isPrivate?: boolean
  /** The request headers that it depends on. Default: `Authorization`. */
  readonly vary?: string
}

/** A cacheable response: 304 without a body if the client has the same text (RFC 9110, 13.1.2). */
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
