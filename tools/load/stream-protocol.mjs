import { readEvents } from './frames.mjs'

/**
 * Server-Sent Events with the counts of a topic, or of several with commas between them. A join opens the stream, which
 * lasts as long as the connection. The client's total is that of the last event.
 * @type {import('./protocols.mjs').Protocol}
 */
export const stream = {
  path: () => undefined,
  read: readEvents,
  greets: false,
  replies: ['phx_join'],
  push({ topic }, event) {
    if (event !== 'phx_join') return undefined
    return Buffer.from(`GET /api/counts/stream?topic=${topic} HTTP/1.1\r\nHost: load\r\n\r\n`)
  },
  text(client, bytes, start, end) {
    const text = bytes.toString('latin1', start, end)
    if (text.startsWith('HTTP/') && !text.startsWith('HTTP/1.1 200 ')) throw new Error(text.slice(0, 12))
    if (!text.startsWith('data: ')) return undefined
    /** @type {import('./presence-counts.mjs').Counts} */
    const counts = JSON.parse(text.slice('data: '.length)).counts
    client.total = Object.values(counts).reduce((sum, { count }) => sum + count, 0)
    client.replied(client.joinRef, { status: 'ok' })
    return undefined
  },
}
