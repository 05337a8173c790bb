// The floor of a fan-out where the machine has no C compiler: a bare node:net stream, one write apiece. It knows no handshake
// and reads nothing. `floor.mjs PORT EVERY_MS PAYLOAD_BYTES`; begins to send at SIGUSR1.
import { createServer } from 'node:net'

const [port, every, payload] = process.argv.slice(2).map(Number)
const text = Buffer.alloc(payload ?? 0, 'x')
const header = text.length < 126 ? [0x81, text.length] : [0x81, 126, text.length >> 8, text.length & 255]
const frame = Buffer.concat([Buffer.from(header), text])
/** @type {Set<import('node:net').Socket>} */
const clients = new Set()

const server = createServer({ noDelay: true }, (client) => {
  clients.add(client)
  client.on('error', () => {})
  client.on('close', () => clients.delete(client))
})
process.on('SIGUSR1', () => {
  setInterval(() => {
    for (const client of clients) client.write(frame)
  }, every)
})
server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => console.log('ready'))
