import type { IncomingMessage } from 'node:http'
import type { Identity, Logger, Metrics } from '@headcount/core'
import { parseVsn, type Vsn } from '@headcount/protocol'
import { type Auth, tokenOfRequest } from '../auth/index.js'
import type { Refusal } from './refusal.js'

/** The valid parts of an upgrade request. */
export interface SocketRequest {
  readonly vsn: Vsn
  /** The random id that the client gave, or null. */
  readonly clientId: string | null
  /** Not verified yet; null where none was given. */
  readonly token: string | null
}

export interface RequestRules {
  readonly auth: Auth
  /** Whether a page of this origin may open a socket on the server at `host` (name and port). */
  readonly allowsOrigin: (origin: string, host: string) => boolean
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Longest client id, in characters. */
const maxClientId = 64

/** Reads an upgrade request and checks everything but its token. The result keeps nothing of the request alive. */
export function readRequest(
  { url, headers }: IncomingMessage,
  { allowsOrigin }: RequestRules,
): SocketRequest | Refusal {
  const query = url?.indexOf('?') ?? -1
  const params = new URLSearchParams(query < 0 ? '' : url?.slice(query))
  const vsn = parseVsn(params.get('vsn'))
  if (vsn === undefined) return refusal(403, 'unsupported_vsn', 'vsn must be 1.0.x or 2.0.x')
  const { origin, host = '' } = headers
  if (origin !== undefined && !allowsOrigin(origin, host)) {
    return refusal(403, 'origin', 'this origin is not allowed; see the setting origins')
  }
  const clientId = copy(params.get('client_id') || null)
  if (clientId !== null && [...clientId].length > maxClientId) {
    return refusal(400, 'client_id', `client_id must not exceed ${maxClientId} characters`)
  }
  const token = tokenOfRequest(params, headers['sec-websocket-protocol'])
  return { vsn, clientId, token }
}

const anonymousViewer: Identity = { userId: null, clientId: null }

/** The identity of a request without a token. */
export function viewerOf({ clientId }: SocketRequest): Identity {
  return clientId === null ? anonymousViewer : { userId: null, clientId }
}

/** Verifies a request's token. Never throws. */
export async function identify({ clientId, token }: SocketRequest, rules: RequestRules): Promise<Identity | Refusal> {
  const outcome = await rules.auth.verify(token)
  if (outcome.kind === 'invalid') {
    rules.metrics.count('invalid_tokens', 1, outcome.reason)
    rules.logger.info({ reason: outcome.reason, refused: outcome.refuse }, 'invalid token')
    if (outcome.refuse) return refusal(403, 'invalid_token', `invalid token: ${outcome.reason}`)
  }
  return { userId: outcome.userId, clientId }
}

/** A string of its own: a substring keeps the whole string that it was cut from in memory. */
function copy(text: string | null): string | null {
  return text === null ? null : Buffer.from(text).toString()
}

function refusal(status: Refusal['status'], code: string, message: string): Refusal {
  return { status, code, message }
}
