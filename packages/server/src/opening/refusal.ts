import { socketPath } from '@headcount/protocol'

const noRoom = [503, 'the server has no room now; try again later'] as const

/** Why a request for a socket is refused: the status and the message. docs/ERRORS.md lists them. */
export const refusals = {
  method: [400, 'the method must be GET'],
  upgrade: [400, 'the upgrade must be to websocket'],
  key: [400, 'Sec-WebSocket-Key must be 16 bytes in base64'],
  version: [400, 'Sec-WebSocket-Version must be 13'],
  client_id: [400, 'client_id must not exceed 64 characters'],
  unsupported_vsn: [403, 'vsn must be 1.0.x or 2.0.x'],
  origin: [403, 'this origin is not allowed; see the setting origins'],
  invalid_token: [403, 'invalid token'],
  not_found: [404, `no WebSocket at this path; use ${socketPath}`],
  too_many_of_address: [429, 'too many sockets and counted streams from this network address'],
  unavailable: [503, 'the server restarts'],
  unchecked_token: [503, 'the token cannot be checked now; try again later'],
  too_many_sockets: noRoom,
  too_many_handshakes: noRoom,
  memory: noRoom,
  lag: noRoom,
  files: noRoom,
} as const

export type RefusalCode = keyof typeof refusals

export interface Refusal {
  readonly status: number
  readonly code: RefusalCode
  /** Contains nothing that the client sent. */
  readonly message: string
}

export function refusal(code: RefusalCode, message: string = refusals[code][1]): Refusal {
  return { status: refusals[code][0], code, message }
}

/** The minimum wait, in seconds, after a temporary refusal. */
export const retryAfter = 5

/** Whether this status is a temporary refusal. */
export function isForNow(status: number): boolean {
  return status === 429 || status === 503
}
