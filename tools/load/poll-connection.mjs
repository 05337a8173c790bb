import { Agent, request } from 'node:http'

// A request takes the connection that has been free for longest: with workers, any of them may get it.
const agent = new Agent({ keepAlive: true, scheduling: 'fifo' })

/** A session of Phoenix's long polls, instead of a WebSocket connection: one pending GET, and POSTs one by one. */
export class PollConnection {
  #token = ''
  /** The messages that wait to be posted. @type {Buffer[]} */
  #outgoing = []
  #posting = false
  #ended = false
  /** @type {Set<import('node:http').ClientRequest>} */
  #requests = new Set()
  #url
  #localAddress
  #listener

  /**
   * @param {URL} url `ws:`
   * @param {string} path With its query.
   * @param {string | undefined} localAddress
   * @param {import('./connection.mjs').ConnectionListener} listener
   */
  constructor(url, path, localAddress, listener) {
    this.#url = new URL(path, url.href.replace('ws', 'http'))
    this.#localAddress = localAddress
    this.#listener = listener
    void this.#poll()
  }

  /** @param {Buffer} message */
  write(message) {
    this.#outgoing.push(message)
    if (!this.#posting) queueMicrotask(() => this.#post())
  }

  /** Ends it like a closed tab. */
  async close() {
    this.drop()
  }

  /** Ends it at once. */
  drop() {
    this.#ended = true
    for (const each of this.#requests) each.destroy()
  }

  /** The same: a reset of one of its connections has no other effect. */
  reset() {
    this.drop()
  }

  async #poll() {
    const { status, token, messages = [] } = await this.#request('GET')
    if (this.#ended) return
    if ((status === 410 && this.#token !== '') || ![200, 204, 410].includes(status))
      return this.#end(`status ${status}`)
    this.#token = token
    if (status === 410) this.#listener.upgraded()
    for (const message of messages) {
      const bytes = Buffer.from(message)
      this.#listener.frame(bytes.length)
      if (!this.#ended) this.#listener.text(bytes, 0, bytes.length)
    }
    if (!this.#ended) void this.#poll()
  }

  async #post() {
    if (this.#posting || this.#outgoing.length === 0 || this.#ended) return
    this.#posting = true
    const { status } = await this.#request('POST', this.#outgoing.splice(0).join('\n'))
    this.#posting = false
    if (status === 200) void this.#post()
    else this.#end(`status ${status}`)
  }

  /**
   * Repeats a request on a kept connection that the server closed meanwhile, as browsers do.
   * @param {'GET' | 'POST'} method @param {string} [body] @returns {Promise<any>} `{}` if it fails.
   */
  #request(method, body) {
    const url = new URL(this.#url)
    if (this.#token !== '') url.searchParams.append('token', this.#token)
    const localAddress = this.#localAddress
    const headers = body === undefined ? {} : { 'content-type': 'application/x-ndjson' }
    return new Promise((resolve) => {
      const from = localAddress === undefined ? {} : { localAddress }
      const sent = request(url, { method, agent, headers, ...from }, async (response) => {
        try {
          let text = ''
          for await (const part of response.setEncoding('utf8')) text += part
          resolve(JSON.parse(text))
        } catch {
          resolve({})
        }
      })
      this.#requests.add(sent)
      sent.once('close', () => this.#requests.delete(sent))
      sent.once('error', () => resolve(sent.reusedSocket && !this.#ended ? this.#request(method, body) : {}))
      sent.end(body)
    })
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.#ended) return
    this.drop()
    this.#listener.ended(reason)
  }
}
