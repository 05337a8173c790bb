import { connect } from 'node:net'
import { closeFrame, pongFrame, readFrames } from './frames.mjs'

/**
 * @typedef {object} ConnectionListener Not called after `close`, `drop` or `reset`.
 * @property {() => void} upgraded
 * @property {(size: number) => void} frame A frame of `size` bytes arrived.
 * @property {(bytes: Buffer, start: number, end: number) => void} text The payload of a text frame.
 * @property {(reason: string) => void} ended The server ended it, or it failed. Called at most once.
 */

const headEnd = '\r\n\r\n'

/** One buffer for the reads of all connections: the incomplete rest of a read is copied. */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)

/** One WebSocket connection over raw TCP, or one of another protocol. It answers pings. */
export class Connection {
  /** @type {import('node:net').Socket} */
  #stream
  /** @type {Buffer} */
  #rest = Buffer.alloc(0)
  #upgraded = false
  #ended = false
  #listener
  #readFrames

  /**
   * @param {URL} url `ws:`; its path is not used.
   * @param {string | undefined} request The upgrade request. Undefined: no upgrade, frames from the first byte.
   * @param {string | undefined} localAddress
   * @param {ConnectionListener} listener
   * @param {typeof readFrames} [read] Splits the server's bytes into frames: by default those of WebSocket.
   */
  constructor(url, request, localAddress, listener, read = readFrames) {
    this.#listener = listener
    this.#readFrames = read
    const callback = (/** @type {number} */ length) => {
      this.#read(readBuffer.subarray(0, length))
      return true
    }
    const to = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), noDelay: true }
    const from = localAddress === undefined ? {} : { localAddress }
    this.#stream = connect({ ...to, ...from, onread: { buffer: readBuffer, callback } })
    this.#stream.on('connect', () => {
      if (request === undefined) this.#upgrade()
      else this.#stream.write(request)
    })
    this.#stream.on('error', (error) => this.#end(/** @type {{ code?: string }} */ (error).code ?? error.message))
    this.#stream.on('close', () => this.#end('connection lost'))
  }

  /** @param {Buffer} frame */
  write(frame) {
    this.#stream.write(frame)
  }

  /**
   * Ends it like a closed tab: a close frame, then the end of the stream. Resolves when the stream is closed, at most
   * two seconds later.
   * @returns {Promise<void>}
   */
  close() {
    this.#ended = true
    this.#stream.setTimeout(2000, () => this.#stream.destroy())
    this.#stream.end(closeFrame)
    return new Promise((resolve) => this.#stream.once('close', () => resolve()))
  }

  /** Ends it at once, without a close frame. */
  drop() {
    this.#ended = true
    this.#stream.destroy()
  }

  /** Ends it with a TCP reset. */
  reset() {
    this.#ended = true
    this.#stream.resetAndDestroy()
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    if (this.#ended) return
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    if (!this.#upgraded) {
      const end = all.indexOf(headEnd)
      if (end < 0) {
        this.#rest = Buffer.from(all)
        return
      }
      const status = all.toString('latin1', 9, 12)
      if (status !== '101') return this.#end(`status ${status}`)
      this.#upgrade()
      all = all.subarray(end + headEnd.length)
    }
    this.#rest = this.#readFrames(all, this.#frame)
  }

  #upgrade() {
    this.#upgraded = true
    this.#listener.upgraded()
  }

  /** @type {Parameters<typeof readFrames>[1]} */
  #frame = (opcode, bytes, start, end, size) => {
    if (this.#ended) return
    this.#listener.frame(size)
    if (opcode === 9) this.write(pongFrame(Buffer.from(bytes.subarray(start, end))))
    else if (opcode === 8) this.#end(`code ${end - start < 2 ? 1005 : bytes.readUInt16BE(start)}`)
    else if (opcode === 1) this.#listener.text(bytes, start, end)
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.#ended) return
    this.drop()
    this.#listener.ended(reason)
  }
}

/**
 * @param {string} path
 * @param {string} host
 * @param {string | undefined} token Offered as the stock client's `authToken`: in a subprotocol.
 */
export function upgradeRequest(path, host, token) {
  const bearer = `phoenix, base64url.bearer.phx.${Buffer.from(token ?? '').toString('base64url')}`
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    (token === undefined ? '' : `Sec-WebSocket-Protocol: ${bearer}\r\n`) +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==${headEnd}`
  )
}
