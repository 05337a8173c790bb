import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** The codes of HTTP errors. */
export type ProblemCode =
  | 'malformed_url'
  | 'missing_topic'
  | 'too_many_topics'
  | 'invalid_topic'
  | 'unmatched_topic'
  | 'too_many_streams'
  | 'unavailable'
  | 'not_ready'
  | 'not_found'
  | 'method_not_allowed'
  | 'upgrade_required'
  | 'invalid_body'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'cross_origin'
  | 'internal'

/**
 * An error as every route answers it: `{"error":{"code","message"}}`. Messages say what was expected; they hold
 * nothing that the client sent.
 */
export function problem(c: Context, status: ContentfulStatusCode, code: ProblemCode, message: string): Response {
  return c.json({ error: { code, message } }, status, { 'Cache-Control': 'no-store' })
}
