import { createClient, ErrorReply } from '@redis/client'

/** Sends the command and nothing else: tests read what Redis was sent. */
const options = /** @type {const} */ ({ RESP: 2, disableClientInfo: true, maintNotifications: 'disabled' })

/**
 * Sends one command to the Redis on a port of 127.0.0.1, or to the node of its cluster that has the key. Over a socket,
 * because starting `redis-cli` costs many times as much.
 *
 * @param {number} port
 * @param {readonly string[]} words
 * @returns {Promise<string>} What `redis-cli` prints: arrays line by line, nothing for nil, the text of an error reply.
 */
export async function redisCommand(port, words) {
  const socket = { host: '127.0.0.1', port, socketTimeout: 60_000, reconnectStrategy: /** @type {const} */ (false) }
  const client = createClient({ ...options, socket }).on('error', () => {})
  await client.connect()
  try {
    return textOf(await client.sendCommand(words))
  } catch (error) {
    if (!(error instanceof ErrorReply)) throw error
    const [, moved] = /^MOVED \d+ \S*:(\d+)$/.exec(error.message) ?? []
    return moved === undefined ? error.message : redisCommand(Number(moved), words)
  } finally {
    if (client.isOpen) client.destroy()
  }
}

/** @param {unknown} reply @returns {string} */
function textOf(reply) {
  return Array.isArray(reply) ? reply.map(textOf).join('\n') : String(reply ?? '')
}
