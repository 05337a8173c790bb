export { type Auth, type AuthOptions, createAuth, maxTokenBytes } from './auth.js'
export type { Identity, Invalid, InvalidReason, Outcome, User, Viewer } from './outcome.js'
export { type SignOptions, signToken } from './sign.js'
export { type TokenOffer, tokenOfRequest } from './token.js'
