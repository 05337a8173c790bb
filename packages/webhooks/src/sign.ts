import { createHash, createHmac } from 'node:crypto'

/**
 * The headers of Standard Webhooks: an id that is the same for the same body, the time, and a signature by each key of
 * "id.time.body".
 * @param at in ms since 1970.
 */
export function signedHeaders(keys: readonly Buffer[], body: string, at: number): Record<string, string> {
  const id = `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 32)}`
  const time = String(Math.floor(at / 1000))
  const sign = (key: Buffer): string =>
    `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': keys.map(sign).join(' ') }
}
