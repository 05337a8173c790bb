const parts = ['{"alg":"RS256"}', '{"sub":"7"}', 'x']

/** A token that only the keys behind a JWKS URL can verify. */
export const asymmetricToken = parts.map((part) => Buffer.from(part).toString('base64url')).join('.')

/** A JWKS URL without a listener. */
export const unfetchable = { jwksUrl: 'http://127.0.0.1:9/jwks.json' }
