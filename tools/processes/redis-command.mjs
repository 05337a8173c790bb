import { connect } from 'node:net'

/**
 * Sends one command to the Redis on a port of 127.0.0.1, or to the node of its cluster that has the key. Over a socket,
 * because starting `redis-cli` costs thirty times as much.
 *
 * @param {number} port
 * @param {readonly string[]} words
 * @returns {Promise<string>} What `redis-cli` prints: arrays line by line, nothing for nil, the text of an error reply.
 */
export async function redisCommand(port, words) {
  const reply = await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', (text) => {
      received += text
      const reply = readReply(received, 0)
      if (reply !== undefined) resolve(Buffer.from(reply.text, 'latin1').toString())
      if (reply !== undefined) socket.destroy()
    })
    socket.setTimeout(60_000, () => socket.destroy(new Error(`Redis on port ${port} did not answer`)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`Redis on port ${port} closed the connection`)))
    const items = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
    socket.write(`*${words.length}\r\n${items.join('')}`)
  })
  const [, moved] = /^MOVED \d+ \S*:(\d+)$/.exec(reply) ?? []
  return moved === undefined ? reply : redisCommand(Number(moved), words)
}

/**
 * Reads a reply of RESP 2.
 *
 * @param {string} received
 * @param {number} at
 * @returns {{ text: string, end: number } | undefined} Undefined while it is incomplete.
 */
function readReply(received, at) {
  const lineEnd = received.indexOf('\r\n', at)
  if (lineEnd < 0) return undefined
  const [kind, line] = [received[at], received.slice(at + 1, lineEnd)]
  let end = lineEnd + 2
  const size = Number(line)
  if (kind === '$' && size >= 0) {
    const text = received.slice(end, end + size)
    return received.length < end + size + 2 ? undefined : { text, end: end + size + 2 }
  }
  if (kind === '$' || (kind === '*' && size < 0)) return { text: '', end }
  if (kind !== '*') return { text: line, end }
  const texts = []
  while (texts.length < size) {
    const item = readReply(received, end)
    if (item === undefined) return undefined
    texts.push(item.text)
    end = item.end
  }
  return { text: texts.join('\n'), end }
}
