// An echo server on our WebSocket implementation, for the Autobahn test suite. Listens on port 9001, or the argument.
import { createServer } from 'node:http'
import { noMetrics, systemClock } from '@headcount/core'
import { Connection } from '../dist/websocket/connection.js'
import { frame, opcode } from '../dist/websocket/frame.js'
import { handshake } from '../dist/websocket/handshake.js'

/** Frames binary messages too, which Headcount itself does not send. */
const framer = {
  /** @param {readonly (string | Buffer)[]} messages */
  frame: (messages) =>
    Buffer.concat(messages.map((data) => frame(typeof data === 'string' ? opcode.text : opcode.binary, data))),
}

// Category 9 sends messages of 16 MiB.
const options = {
  maxMessageBytes: 2 ** 25,
  maxBacklogBytes: 2 ** 30,
  framer,
  clock: systemClock,
  metrics: noMetrics,
  closed() {},
}

const server = createServer().on('upgrade', (request, stream, head) => {
  const response = handshake(request)
  stream.on('error', () => {})
  if (typeof response !== 'string') return stream.destroy()
  stream.write(response, 'latin1')
  const connection = new Connection(stream, options)
  const message = (/** @type {string | Uint8Array} */ data) => connection.send([/** @type {string} */ (data)])
  connection.start({ message, received() {}, frame() {}, closed() {} }, head)
})
server.listen(Number(process.argv[2] ?? 9001), '127.0.0.1')
