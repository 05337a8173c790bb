import type { HeadcountOptions } from './options.js'

/** The minimum length of a key for HS256, in bytes (RFC 7518, section 3.2). */
const minSecretBytes = 32

/** Warnings about secrets, such as one that a shell or a file changed. No warning quotes a secret. */
export function secretWarnings({ auth, secret, operatorKey }: HeadcountOptions): string[] {
  const tokenSecrets = [auth?.secret ?? []].flat()
  const comma = tokenSecrets.length > 1 ? ' by a comma, which separates secrets in the environment' : ''
  return [
    ...tokenSecrets.flatMap((text) => warningsOf('auth.secret (HEADCOUNT_JWT_SECRET)', text, comma)),
    ...warningsOf('secret (HEADCOUNT_SECRET)', secret),
    ...warningsOf('operatorKey (HEADCOUNT_OPERATOR_KEY)', operatorKey),
  ]
}

/** @param by what may have truncated it. */
function warningsOf(name: string, text: string | undefined, by = ''): string[] {
  if (typeof text !== 'string') return []
  const bytes = Buffer.byteLength(text)
  const short = `expected ${minSecretBytes} bytes or more, got ${bytes}: it can be guessed, or was cut off${by}`
  return [
    ...(bytes < minSecretBytes ? [`${name}: ${short}`] : []),
    ...(text === text.trim() ? [] : [`${name}: it begins or ends with white space`]),
  ]
}
