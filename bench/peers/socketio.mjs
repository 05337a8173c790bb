// The counter of socket.io tutorials: a room, whose size is sent to all of it at every join and leave.
// With `fair` it coalesces by Headcount's rule.
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { coalesced } from './coalesce.mjs'

const [port, fair] = process.argv.slice(2)
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })
const size = (/** @type {string} */ room) => io.sockets.adapter.rooms.get(room)?.size ?? 0
const flush = (/** @type {string} */ room) => io.to(room).emit('count', size(room))
const changed = fair === 'fair' ? coalesced(flush, size) : flush

io.on('connection', (socket) => {
  const joined = new Set()
  socket.on('join', (room) => {
    joined.add(room)
    socket.join(room)
    if (fair === 'fair') socket.emit('count', size(room))
    changed(room)
  })
  socket.on('leave', (room) => {
    joined.delete(room)
    socket.leave(room)
    changed(room)
  })
  socket.on('disconnect', () => joined.forEach(changed))
})
http.listen(Number(port), '127.0.0.1', () => console.log('ready'))
