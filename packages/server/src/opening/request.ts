import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { parseVsn, type Vsn } from '@headcount/protocol'
import { offeredText, presentToken, tokenOfRequest } from '../auth/token.js'
import { readClientId } from '../client-id.js'
import type { AllowsOrigin } from '../origins.js'
import type { Authenticate, Session } from '../sockets/session.js'
import { type Refusal, refusal } from './refusal.js'

/** The valid parts of a request for a socket. */
export interface SocketRequest {
  readonly vsn: Vsn
  /** The random id that the client gave, or null. */
  readonly clientId: string | null
  /** Not verified yet; null if none was given. */
  readonly token: string | null
}

export interface RequestRules {
  readonly authenticate: Authenticate
  readonly allowsOrigin: AllowsOrigin
  /** The network address of a request's client, or null if its connection has none. */
  readonly addressOf: (request: IncomingMessage) => string | null
  /** Called with an origin that is refused. */
  refusedOrigin(origin: string): void
}

/** A client id in a subprotocol is not in the URL, which servers log. */
const clientIdPrefix = 'base64url.client_id.'

const anonymousViewer: Session = { userId: null, clientId: null }

/** The header in which the stock client sends its `authToken` over long poll. */
export const authTokenHeader = 'x-phoenix-authtoken'

/** The name and port that a request asks for: its header `Host`, or `:authority` in HTTP/2. */
export function hostOf(headers: IncomingHttpHeaders): string {
  return String(headers.host ?? headers[':authority'] ?? '')
}

/** Reads a request for a socket and checks everything except its token. The result holds no reference to it. */
export function readRequest({ url = '', headers }: IncomingMessage, rules: RequestRules): SocketRequest | Refusal {
  // Of a repeated parameter the last counts, as in Phoenix: clients append their own to those of the address.
  const params = new Map(new URLSearchParams(url.slice(`${url}?`.indexOf('?'))))
  const { origin } = headers
  const vsn = parseVsn(params.get('vsn'))
  const protocols = headers['sec-websocket-protocol']
  const clientId = readClientId(offeredText(protocols, clientIdPrefix) || params.get('client_id'))
  if (vsn === undefined) return refusal('unsupported_vsn')
  if (origin !== undefined && !rules.allowsOrigin(origin, hostOf(headers))) {
    rules.refusedOrigin(origin)
    return refusal('origin')
  }
  if (clientId === undefined) return refusal('client_id')
  const header = headers[authTokenHeader]
  // Node joins repeated headers.
  const token = presentToken(typeof header === 'string' ? header : null) ?? tokenOfRequest(params, protocols)
  // Copied, because a substring keeps the string that it was cut from in memory.
  return { vsn, clientId, token }
}

/** The session of a request: at once if it has no token, else once that is verified. Never throws. */
export function authenticate(request: SocketRequest, rules: RequestRules): Session | Promise<Session | Refusal> {
  const { clientId, token } = request
  if (token !== null) return verify(token, clientId, rules)
  return clientId === null ? anonymousViewer : { userId: null, clientId }
}

async function verify(token: string, clientId: string | null, rules: RequestRules): Promise<Session | Refusal> {
  const outcome = await rules.authenticate(token, clientId)
  if (outcome.kind === 'session') return outcome.session
  if (outcome.kind === 'unchecked') return refusal('unchecked_token')
  return outcome.refuse ? refusal('invalid_token', `invalid token: ${outcome.reason}`) : { userId: null, clientId }
}
