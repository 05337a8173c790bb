import { onTestFinished } from 'vitest'
import { serveEmbedded } from '../processes/embedded.mjs'
import { tokenFor } from '../processes/token.mjs'

const secret = 'the token secret of these tests'

/** @param {string} user */
export const tokenOf = (user) => tokenFor(secret, user)

/** @typedef {import('@headcount/server').Headcount} Headcount */

/** A real server on a loopback port, which can stop and restart on the same port. It stops when the test finishes. */
export class LiveServer {
  #create
  #port = 0
  /** @type {Awaited<ReturnType<typeof serveEmbedded<Headcount>>> | undefined} */
  #running

  /** @param {() => Headcount} create */
  constructor(create) {
    this.#create = create
  }

  /**
   * @param {typeof import('@headcount/server').createHeadcount} createHeadcount
   * @param {import('@headcount/server').HeadcountOptions} [options]
   */
  static async start(createHeadcount, options = {}) {
    const all = { topics: ['*'], auth: { secret }, ...options }
    const server = new LiveServer(() => /** @type {Headcount} */ (createHeadcount(all)))
    onTestFinished(() => server.stop())
    await server.resume()
    return server
  }

  get url() {
    return `ws://127.0.0.1:${this.#port}/socket`
  }

  get #headcount() {
    if (this.#running === undefined) throw new Error('this server is stopped')
    return this.#running.headcount
  }

  /** @param {string} topic */
  counts(topic) {
    return this.#headcount.counts(topic)
  }

  /** Counts a presence without a socket. @param {string} topic @param {string} key */
  track(topic, key, group = 'viewers') {
    this.#headcount.track(topic, key, { group })
  }

  /** Removes such a presence. @param {string} topic @param {string} key */
  untrack(topic, key) {
    this.#headcount.untrack(topic, key)
  }

  /** Closes all sockets and the port. */
  async stop() {
    const running = this.#running
    this.#running = undefined
    await running?.stop()
  }

  /** Starts again on the same port, with no presences. */
  async resume() {
    this.#running = await serveEmbedded(() => this.#create(), this.#port)
    this.#port = this.#running.port
  }
}
