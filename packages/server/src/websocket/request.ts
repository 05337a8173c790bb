import type { IncomingMessage } from 'node:http'
import type { Identity, Logger, Metrics } from '@headcount/core'
import { parseVsn, type Vsn } from '@headcount/protocol'
import { type Auth, tokenOfRequest } from '../auth/index.js'
import type { AllowsOrigin } from '../http/origins.js'
import type { Refusal } from './refusal.js'

/** What a request for a socket asks for. */
export interface Asked {
  readonly vsn: Vsn
  /** The random id that the client keeps, or null. */
  readonly client: string | null
  /** Unchecked; null where none was given. */
  readonly token: string | null
}

export interface RequestRules {
  readonly auth: Auth
  readonly origins: AllowsOrigin
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Longest client id, in characters. */
const maxClientId = 64

/** Reads a request for a socket and checks all of it but the token. */
export function readRequest(request: IncomingMessage, origins: AllowsOrigin): Asked | Refusal {
  const params = paramsOf(request.url)
  const vsn = parseVsn(params.get('vsn'))
  if (vsn === undefined) return refusal(403, 'unsupported_vsn', 'expected vsn 1.0.x or 2.0.x, got another')
  const { origin, host = '' } = request.headers
  if (origin !== undefined && !origins(origin, host)) {
    return refusal(403, 'origin', 'expected an origin that the server allows, got another; see the setting origins')
  }
  const given = params.get('client_id')
  // A copy: a slice would keep the whole request for as long as the socket.
  const client = given ? Buffer.from(given).toString() : null
  const length = client === null ? 0 : [...client].length
  if (length > maxClientId) {
    return refusal(400, 'client_id', `expected client_id of at most ${maxClientId} characters, got ${length}`)
  }
  const { token } = tokenOfRequest(params, request.headers['sec-websocket-protocol'])
  return { vsn, client, token }
}

const anybody: Identity = { userId: null, clientId: null }

/** Without a token nothing is to be looked up: a viewer. */
export function viewerOf({ client }: Asked): Identity {
  return client === null ? anybody : { userId: null, clientId: client }
}

/** Whose token it is. Never throws. */
export async function ownerOf({ client, token }: Asked, rules: RequestRules): Promise<Identity | Refusal> {
  const outcome = await rules.auth.verify(token)
  if (outcome.kind === 'invalid') {
    rules.metrics.count('invalid_tokens', 1, outcome.reason)
    rules.logger.info({ reason: outcome.reason, refused: outcome.refuse }, 'a token is not valid')
    if (outcome.refuse)
      return refusal(403, 'invalid_token', `expected a valid token, got one that is not: ${outcome.reason}`)
  }
  return { userId: outcome.user, clientId: client }
}

/** The path of a request, without its parameters. */
export function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? ''
}

function paramsOf(url: string | undefined): URLSearchParams {
  const at = url?.indexOf('?') ?? -1
  return new URLSearchParams(at < 0 ? '' : url?.slice(at + 1))
}

function refusal(status: Refusal['status'], code: string, message: string): Refusal {
  return { status, code, message }
}
