// The best that a person would build by hand on ws: it coalesces by Headcount's own rule, frames a count once, and writes the
// same bytes to the stream below each socket.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { Paced } from './pace.mjs'

const [port] = process.argv.slice(2)
/** @type {Map<string, Set<import('node:stream').Duplex>>} */
const rooms = new Map()

/** @param {string} room */
const size = (room) => rooms.get(room)?.size ?? 0
/** @param {string} room */
function frame(room) {
  const text = Buffer.from(JSON.stringify({ count: size(room) }))
  return Buffer.concat([Buffer.from([0x81, text.length]), text])
}
const paced = new Paced((room) => {
  const bytes = frame(room)
  for (const stream of rooms.get(room) ?? []) stream.write(bytes)
}, size)

const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false })
const http = createServer()
http.on('upgrade', (request, stream, head) => {
  server.handleUpgrade(request, stream, head, (socket) => {
    /** @type {Set<string>} */
    const joined = new Set()
    /** @param {string} room */
    const leave = (room) => {
      joined.delete(room)
      rooms.get(room)?.delete(stream)
      paced.moved(room)
    }
    socket.on('message', (data) => {
      const asked = JSON.parse(String(data))
      if (asked.leave !== undefined) return leave(asked.leave)
      const members = rooms.get(asked.join) ?? new Set()
      rooms.set(asked.join, members.add(stream))
      joined.add(asked.join)
      stream.write(frame(asked.join))
      paced.moved(asked.join)
    })
    socket.on('close', () => joined.forEach(leave))
  })
})
http.listen(Number(port), '127.0.0.1', () => console.log('ready'))
