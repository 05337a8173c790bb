import { eventLog } from '@headcount/core'

/** The events that the server logs. docs/ERRORS.md has a remedy for each. */
const logEvents = {
  engine_open_failed: ['error', 'engine failed to open'],
  callback_failed: ['error', 'callback failed'],
  authorize_failed: ['error', 'authorize failed, refusing the join'],
  request_failed: ['error', 'request failed'],
  odd_secret: ['warn', 'a secret works, but should be changed'],
  odd_option: ['warn', 'an option should be changed'],
  secrets_differ: ['warn', 'other replicas have another secret (HEADCOUNT_SECRET): a person on both counts twice'],
  counts_apart: ['warn', 'this process is one of several of node:cluster, and counts only its own clients'],
  overloaded: ['warn', 'no room, refusing sockets, joins, streams or reads'],
  origin_refused: ['warn', 'refused a page of another origin: if it is yours, name it in origins (--origins)'],
  not_attached: ['warn', 'a WebSocket was not accepted: call headcount.attach with the HTTP server'],
  tokens_unexpected: ['warn', 'a client sent a token, but no auth.secret (HEADCOUNT_JWT_SECRET) or JWKS is set'],
  tokens_unchecked: ['warn', 'tokens cannot be checked: the JWKS cannot be fetched'],
  keys_unavailable: ['warn', 'the JWKS cannot be fetched, retrying when a token arrives'],
  keys_not_fetched: ['warn', 'the JWKS cannot be fetched, using the last keys'],
  token_invalid: ['warn', 'invalid token'],
  token_expired: ['info', 'expired token'],
} as const

export type ServerLogEvent = keyof typeof logEvents

export const log = eventLog(logEvents)
