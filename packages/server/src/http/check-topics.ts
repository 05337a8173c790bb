import type { Group } from '@headcount/protocol'
import type { Context } from 'hono'
import { readClientId } from '../client-id.js'
import { bearerToken } from './bearer-token.js'
import { type HttpEnv, type Problem, problem } from './problem.js'
import type { MemoryOptions } from './require-memory.js'
import type { CountsSource, Reader, ReadRefusal, Shown } from './source.js'

export interface ReadOptions extends MemoryOptions {
  readonly source: CountsSource
  readonly groups: readonly Group[]
  /** Longest topic, in bytes of UTF-8. */
  readonly maxTopicBytes: number
  /** Receives errors of the source. `route` is a method and a path without a topic. */
  report(error: unknown, route: string): void
}

/** The topics of a request: those that the reader may read, and the errors of the others. */
export interface CheckedTopics {
  readonly reader: Reader
  readonly allowed: readonly string[]
  readonly refused: readonly { readonly topic: string; readonly error: Problem }[]
}

const refusals: Readonly<Record<ReadRefusal, string>> = {
  unmatched_topic: 'no pattern allows this topic',
  unauthorized: 'this topic requires a token: as a bearer token, or as the parameter token',
  invalid_token: 'the token is invalid or has expired',
  forbidden: 'the token does not allow this topic',
  unavailable: 'the token cannot be verified now',
}

/** Decides which topics the reader of a request may read. */
export async function checkTopics(
  c: Context<HttpEnv>,
  topics: readonly string[],
  options: ReadOptions,
): Promise<CheckedTopics> {
  const { source, maxTopicBytes } = options
  const reader = await source.reader(tokenOf(c), readClientId(c.req.query('client_id')) ?? null)
  const answers = await Promise.all(
    topics.map(async (topic): Promise<Problem | undefined> => {
      const bytes = Buffer.byteLength(topic)
      if (bytes === 0 || bytes > maxTopicBytes) {
        return { code: 'invalid_topic', message: `topic: expected 1 to ${maxTopicBytes} bytes, got ${bytes}` }
      }
      const code = await reader.refuses(topic)
      return code && { code, message: refusals[code] }
    }),
  )
  return {
    reader,
    allowed: topics.filter((_, i) => answers[i] === undefined),
    refused: topics.flatMap((topic, i) => (answers[i] === undefined ? [] : [{ topic, error: answers[i] }])),
  }
}

/** The response to a request for a topic that may not be read. */
export function refuse(c: Context<HttpEnv>, { code, message }: Problem): Response {
  if (code === 'unavailable') return unavailable(c, message)
  if (code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer realm="headcount"')
  if (code === 'invalid_token') c.header('WWW-Authenticate', 'Bearer realm="headcount", error="invalid_token"')
  return problem(c, code, message)
}

/** The response if a later request may succeed. */
export function unavailable(c: Context<HttpEnv>, message: string): Response {
  c.header('Retry-After', '1')
  return problem(c, 'unavailable', message)
}

/** The token of a request, not verified; undefined for none. */
export function tokenOf(c: Context<HttpEnv>): string | undefined {
  return bearerToken(c.req.header('authorization')) ?? c.req.query('token')
}

/** The shown counts; undefined if they cannot be read, which is reported. @param route for the report. */
export async function readShown(
  { source, report }: ReadOptions,
  topics: readonly string[],
  route: string,
): Promise<readonly Shown[] | undefined> {
  try {
    return await source.read(topics)
  } catch (error) {
    report(error, `GET ${route}`)
    return undefined
  }
}
