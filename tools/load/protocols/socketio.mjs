import { textFrame } from '../frames.mjs'
import { digits } from './digits.mjs'

const connect = textFrame('40')
const pong = textFrame('3')
const [open, ping, message] = [0x30, 0x32, 0x34]
const [connected, event] = [0x30, 0x32]

/**
 * Socket.IO's protocol 5 on Engine.IO's protocol 4, over WebSocket alone, as a client with `transports: ['websocket']`.
 *
 * @type {import('./protocol.mjs').Protocol}
 */
export const socketio = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  greets: true,
  replies: false,
  push: ({ topic }, event) => textFrame(`42["${event === 'phx_join' ? 'join' : 'leave'}","${topic}"]`),
  text(client, bytes, start, end) {
    const kind = bytes.readUInt8(start)
    if (kind === ping) return pong
    if (kind === open) return connect
    if (kind !== message || end - start < 2) return undefined
    const packet = bytes.readUInt8(start + 1)
    if (packet === connected) client.ready()
    // 42["count",12]
    else if (packet === event) client.total = digits(bytes, start + 11, end)
    return undefined
  },
}
