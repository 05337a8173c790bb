import { connect } from 'node:net'
import { now, sleep } from '../../tools/load/time.mjs'

/** @typedef {import('node:net').Socket} Socket */

/** Addresses of this machine that an attack comes from; Linux has 16 million. */
const addresses = process.platform === 'linux' ? 200 : 1

/** Opens connections to a server on this machine, and writes arbitrary bytes, for a limited time. */
export class Attacker {
  /** @type {Set<Socket>} */
  #open = new Set()
  #number = 0
  #port
  #end

  /** @param {number} port @param {number} seconds @param {number} scale The share of the connections that are used. */
  constructor(port, seconds, scale = 1) {
    this.#port = port
    this.#end = now() + seconds * 1000
    this.scale = scale
  }

  /**
   * Opens connections, each of which opens again if it is closed, until the time is over.
   *
   * @param {number} count
   * @param {object} acts
   * @param {string | Buffer} [acts.first] Sent once.
   * @param {string | Buffer} [acts.flood] Then sent as often as the connection accepts it.
   * @param {string | Buffer} [acts.drip] Or sent once a second.
   * @param {boolean} [acts.reads] False: never reads from the server.
   * @param {number} [acts.stays] In ms: it is then closed. Default: never.
   * @param {'destroy' | 'resetAndDestroy' | 'end'} [acts.ends] How it is closed.
   */
  async connections(count, { first = '', flood, drip, reads = true, stays, ends = 'destroy' }) {
    const one = async () => {
      while (!this.#isOver) {
        const socket = this.#connect(reads)
        const closed = new Promise((resolve) => socket.once('close', resolve))
        socket.write(first)
        const write = () => {
          if (flood !== undefined) while (socket.write(flood));
        }
        if (flood !== undefined) socket.on('connect', write).on('drain', write)
        const dripping = drip === undefined ? undefined : setInterval(() => socket.write(drip), 1000)
        const left = Math.max(0, this.#end - now())
        await Promise.race([closed, sleep(Math.min(stays ?? left, left))])
        clearInterval(dripping)
        socket[ends]()
        // An attacker that is refused retries, but not in a busy loop.
        if (stays === undefined) await sleep(50)
      }
    }
    await Promise.all(Array.from({ length: Math.ceil(count * this.scale) }, one))
    for (const socket of this.#open) socket.destroy()
  }

  get #isOver() {
    return now() >= this.#end
  }

  /** @param {boolean} reads */
  #connect(reads) {
    const localAddress = `127.66.0.${1 + (this.#number++ % addresses)}`
    const from = process.platform === 'linux' ? { localAddress } : {}
    const socket = connect({ host: '127.0.0.1', port: this.#port, ...from })
    this.#open.add(socket)
    socket.on('error', () => {}).once('close', () => this.#open.delete(socket))
    return reads ? socket.resume() : socket.pause()
  }
}
