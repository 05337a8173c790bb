import type { Context } from 'hono'

/** The codes of HTTP errors, and their status. docs/ERRORS.md has what to do about each. */
export const problems = {
  malformed_url: 400,
  missing_topic: 400,
  too_many_topics: 400,
  invalid_topic: 400,
  upgrade_required: 400,
  unauthorized: 401,
  unmatched_topic: 404,
  not_found: 404,
  method_not_allowed: 405,
  internal: 500,
  not_ready: 503,
  too_many_streams: 503,
  unavailable: 503,
} as const

export type ProblemCode = keyof typeof problems

/** An error response: `{"error":{"code","message"}}`. The message holds nothing that the client sent. */
export function problem(c: Context, code: ProblemCode, message: string): Response {
  return c.json({ error: { code, message } }, problems[code], { 'Cache-Control': 'no-store' })
}
