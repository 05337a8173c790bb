import type { HttpBindings } from '@hono/node-server'
import type { Context, Env } from 'hono'

/** The codes of HTTP errors, and their status. docs/ERRORS.md has what to do about each. */
export const problems = {
  malformed_url: 400,
  missing_topic: 400,
  too_many_topics: 400,
  invalid_topic: 400,
  invalid_count: 400,
  invalid_client_id: 400,
  invalid_badge: 400,
  invalid_parameter: 400,
  invalid_range: 400,
  upgrade_required: 400,
  unauthorized: 401,
  invalid_token: 401,
  forbidden: 403,
  origin: 403,
  unmatched_topic: 404,
  no_badge: 404,
  no_history: 404,
  no_settings: 404,
  not_found: 404,
  method_not_allowed: 405,
  foreign_host: 421,
  too_many_keys: 429,
  too_many_of_address: 429,
  internal: 500,
  unsupported: 501,
  not_ready: 503,
  too_many_streams: 503,
  overloaded: 503,
  unavailable: 503,
} as const

export type ProblemCode = keyof typeof problems

export interface Problem {
  readonly code: ProblemCode
  /** Contains nothing that the client sent. */
  readonly message: string
}

/** The context of a request. */
export interface HttpEnv extends Env {
  /** Absent if the server is not Node's. */
  Bindings: Partial<HttpBindings>
  Variables: { refused(code: ProblemCode): void }
}

/** An error response: `{"error":{"code","message"}}`. */
export function problem(c: Context<HttpEnv>, code: ProblemCode, message: string): Response {
  c.var.refused(code)
  return c.json({ error: { code, message } }, problems[code], { 'Cache-Control': 'no-store' })
}
