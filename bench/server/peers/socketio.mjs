// The counter that every tutorial of socket.io builds: a room, and its size to all of it on every join and leave.
// With `fair` it coalesces by Headcount's own rule.
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { Paced } from './pace.mjs'

const [port, fair] = process.argv.slice(2)
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })

/** @param {string} room */
const size = (room) => io.sockets.adapter.rooms.get(room)?.size ?? 0
/** @param {string} room */
const tell = (room) => io.to(room).emit('count', size(room))
const paced = new Paced(tell, size)
/** @param {string} room */
const moved = (room) => (fair === 'fair' ? paced.moved(room) : tell(room))

io.on('connection', (socket) => {
  /** @type {Set<string>} */
  const joined = new Set()
  socket.on('join', (room) => {
    joined.add(room)
    socket.join(room)
    // Who joins a paced room is told at once, as all others are when it is due.
    if (fair === 'fair') socket.emit('count', size(room))
    moved(room)
  })
  socket.on('leave', (room) => {
    joined.delete(room)
    socket.leave(room)
    moved(room)
  })
  socket.on('disconnect', () => {
    for (const room of joined) moved(room)
  })
})
http.listen(Number(port), '127.0.0.1', () => console.log('ready'))
