// The counter that tutorials of ws build: a set of clients for each room, and a `send` to each on every join and leave.
import { WebSocketServer } from 'ws'

const [port] = process.argv.slice(2)
/** @type {Map<string, Set<import('ws').WebSocket>>} */
const rooms = new Map()

/** @param {string} room */
function tell(room) {
  const members = rooms.get(room) ?? new Set()
  for (const member of members) member.send(JSON.stringify({ count: members.size }))
}

const server = new WebSocketServer({ port: Number(port), host: '127.0.0.1' }, () => console.log('ready'))
server.on('connection', (socket) => {
  /** @type {Set<string>} */
  const joined = new Set()
  /** @param {string} room */
  const leave = (room) => {
    joined.delete(room)
    rooms.get(room)?.delete(socket)
    tell(room)
  }
  socket.on('message', (data) => {
    const asked = JSON.parse(String(data))
    if (asked.leave !== undefined) return leave(asked.leave)
    const members = rooms.get(asked.join) ?? new Set()
    rooms.set(asked.join, members.add(socket))
    joined.add(asked.join)
    tell(asked.join)
  })
  socket.on('close', () => joined.forEach(leave))
})
