/** Why the server closes a socket: the close code (RFC 6455, 7.4.1) and the text. docs/ERRORS.md lists them. */
export const closes = {
  silent: [1002, 'nothing received'],
  invalid_frame: [1002, 'invalid frame'],
  not_utf8: [1007, 'text must be UTF-8'],
  not_utf8_json: [1007, 'not JSON'],
  not_a_frame: [1008, 'not a Phoenix message'],
  unsupported_binary: [1008, 'not a binary push'],
  too_many_fragments: [1008, 'too many fragments'],
  reads_too_slowly: [1008, 'the client reads too slowly'],
  sends_too_much: [1008, 'the client sends too much'],
  token_expired: [1008, 'the token has expired'],
  too_large: [1009, 'too large'],
  restart: [1012, 'the server restarts'],
} as const

export type CloseReason = keyof typeof closes
