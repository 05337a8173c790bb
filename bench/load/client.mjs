import { connect } from 'node:net'
import { now } from '../measure/now.mjs'
import { closeFrame, pongFrame, readFrames } from './frames.mjs'

const headEnd = '\r\n\r\n'

/** One buffer for all reads: a frame is looked at before the next read begins, and what is left over is copied. */
const readInto = Buffer.allocUnsafeSlow(256 * 1024)

/**
 * What a client tells of itself, and where it connects.
 *
 * @typedef {object} Around
 * @property {import('./protocols/protocol.mjs').Protocol} protocol
 * @property {string} host
 * @property {number} port
 * @property {(index: number) => string | undefined} addressOf The local address of a client.
 * @property {import('./crowd.mjs').Crowd['tally']} tally `lost`: clients sent away; `news`: how often a count changed.
 * @property {(client: Client) => void} joined It has been told its first count since it asked.
 * @property {(client: Client) => void} lost It was sent away, or never let in.
 */

/** One connection in one topic: a bare socket, the count that it was told, and no more. */
export class Client {
  /** -1 until it is told. */
  count = -1
  /** When it began to connect, in ms of `now`. */
  askedAt = 0
  /** When it last sent anything. */
  spokeAt = 0
  /** What it was told and when, in turn, where somebody wants to know. @type {number[] | undefined} */
  trace
  /** Whether the upgrade was answered and the connection has not ended. */
  open = false
  /** @type {import('node:net').Socket | undefined} */
  #stream
  /** @type {Buffer} */
  #rest = Buffer.alloc(0)
  /** @type {Around} */
  #around

  /**
   * @param {number} index
   * @param {number} place Of its topic, among the topics.
   * @param {string} topic
   * @param {Around} around
   */
  constructor(index, place, topic, around) {
    this.index = index
    this.place = place
    this.topic = topic
    this.#around = around
  }

  connect() {
    const { protocol, host, port, addressOf } = this.#around
    this.count = -1
    this.#rest = Buffer.alloc(0)
    this.askedAt = now()
    const localAddress = addressOf(this.index)
    /** @type {import('node:net').Socket} */
    const stream = connect({
      host,
      port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: {
        buffer: readInto,
        callback: (length) => {
          if (stream === this.#stream) this.#read(readInto.subarray(0, length))
          return true
        },
      },
    })
    this.#stream = stream
    stream.on('connect', () => {
      if (protocol.path === undefined) this.#opened()
      else stream.write(upgrade(protocol.path, host, port))
    })
    stream.on('error', () => {})
    stream.on('close', () => {
      if (stream !== this.#stream) return
      this.#stream = undefined
      this.open = false
      this.#around.lost(this)
    })
  }

  /** Joins its topic, or leaves it, on the connection that it has. */
  join() {
    this.count = -1
    this.#send(this.#around.protocol.join(this.topic))
  }

  leave() {
    this.#send(this.#around.protocol.leave(this.topic))
  }

  heartbeat() {
    const { heartbeat } = this.#around.protocol
    if (heartbeat !== undefined && this.open) this.#send(heartbeat)
  }

  /** Goes away as a closed tab does: a close frame, and the end. */
  close() {
    const stream = this.#stream
    this.#stream = undefined
    this.open = false
    this.count = -1
    stream?.end(closeFrame)
  }

  /** Ends at once. */
  destroy() {
    const stream = this.#stream
    this.#stream = undefined
    this.open = false
    stream?.destroy()
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    if (!this.open) {
      const end = all.indexOf(headEnd)
      if (end < 0) {
        this.#rest = Buffer.from(all)
        return
      }
      if (!all.toString('latin1', 0, 12).endsWith(' 101')) return this.#stream?.destroy()
      this.#opened()
      all = all.subarray(end + headEnd.length)
    }
    this.#rest = readFrames(all, this.#frame)
  }

  #opened() {
    this.open = true
    const { protocol } = this.#around
    for (const frame of protocol.opened(this.topic)) this.#send(frame)
    if (protocol.path === undefined) this.#around.joined(this)
  }

  /** @type {Parameters<typeof readFrames>[1]} */
  #frame = (opcode, bytes, start, end, size) => {
    const { protocol, tally, joined } = this.#around
    tally.frames++
    tally.bytes += size
    if (opcode === 9) return this.#send(pongFrame(Buffer.from(bytes.subarray(start, end))))
    if (opcode === 8) return this.destroyLost()
    if (opcode !== 1) return
    const before = this.count
    const answer = protocol.text(this, bytes, start, end)
    if (answer !== undefined) this.#send(answer)
    if (this.count === before) return
    tally.news++
    this.trace?.push(now(), this.count)
    if (before < 0) joined(this)
  }

  /** The server said goodbye though nobody asked it to. */
  destroyLost() {
    if (this.#stream === undefined) return
    this.#around.lost(this)
    this.destroy()
  }

  /** @param {Buffer} frame */
  #send(frame) {
    this.spokeAt = now()
    this.#stream?.write(frame)
  }
}

/**
 * @param {string} path
 * @param {string} host
 * @param {number} port
 */
function upgrade(path, host, port) {
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  )
}
