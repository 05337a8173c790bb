export { type Auth, type AuthOptions, createAuth } from './auth.js'
export type { InvalidReason, Outcome } from './outcome.js'
export { type SignOptions, signToken } from './sign.js'
export { offeredText, presentToken, tokenOfRequest } from './token.js'
