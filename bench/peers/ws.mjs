// The counter of ws tutorials: a set of clients per room, and a `send` to each at every join and leave. With `fair` it
// is the best handmade one: it coalesces by Headcount's rule, frames a count once, and writes the same bytes to the
// stream below each socket.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { coalesced } from './coalesce.mjs'

const [port, fair] = process.argv.slice(2)
const isFair = fair === 'fair'
/** @typedef {{ socket: import('ws').WebSocket, stream: import('node:stream').Duplex }} Member */
/** @type {Map<string, Set<Member>>} */
const rooms = new Map()
const members = (/** @type {string} */ room) => rooms.get(room) ?? new Set()
const size = (/** @type {string} */ room) => members(room).size
/** @param {string} room @param {Iterable<Member>} [to] */
function flush(room, to = members(room)) {
  if (!isFair) for (const { socket } of to) socket.send(JSON.stringify({ count: size(room) }))
  else {
    const text = Buffer.from(JSON.stringify({ count: size(room) }))
    const frame = Buffer.concat([Buffer.from([0x81, text.length]), text])
    for (const { stream } of to) stream.write(frame)
  }
}
const changed = isFair ? coalesced(flush, size) : flush

const server = new WebSocketServer({ noServer: true, clientTracking: !isFair, perMessageDeflate: false })
const http = createServer().on('upgrade', (request, stream, head) => {
  server.handleUpgrade(request, stream, head, (socket) => {
    const member = { socket, stream }
    const joined = new Set()
    const leave = (/** @type {string} */ room) => {
      joined.delete(room)
      members(room).delete(member)
      changed(room)
    }
    socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.leave !== undefined) return leave(message.leave)
      rooms.set(message.join, members(message.join).add(member))
      joined.add(message.join)
      if (isFair) flush(message.join, [member])
      changed(message.join)
    })
    socket.on('close', () => joined.forEach(leave))
  })
})
http.listen(Number(port), '127.0.0.1', () => console.log('ready'))
