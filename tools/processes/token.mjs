import { createHmac } from 'node:crypto'

const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }

/**
 * Signs a user's token (a JWT).
 *
 * @param {string} secret
 * @param {string} user The claim `sub`.
 * @param {object} [options]
 * @param {number} [options.exp] Expiry in seconds since 1970. Default: in an hour.
 * @param {keyof typeof hashes} [options.alg]
 * @param {Readonly<Record<string, unknown>>} [options.claims]
 */
export function tokenFor(secret, user, { exp = Math.floor(Date.now() / 1000) + 3600, alg = 'HS256', claims } = {}) {
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode({ sub: user, exp, ...claims })}`
  return `${signed}.${createHmac(hashes[alg], secret).update(signed).digest('base64url')}`
}

/** @param {object} value */
function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
