import type { Push } from './answer.js'

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The messages of a POST: texts, and binary ones, which the stock client sends in base64. */
export function messagesOf({ body, isBatch }: Push): (string | Uint8Array)[] {
  if (!isBatch) return [body]
  const lines = body.split(/\r?\n/).filter((line) => line !== '')
  return lines.map((line) => (base64.test(line) ? Buffer.from(line, 'base64') : line))
}
