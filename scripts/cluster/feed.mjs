/** @typedef {import('./cluster.mjs').Cluster} Cluster */

/** A proxy on the way may end what is silent for long. In ms. */
const heartbeat = 15_000
/** Crowds move sockets many times a second; a person reads slower. In ms. */
const rest = 100

/** How the cluster is, as Server-Sent Events: whole, at once and on each change. */
export class Feed {
  #cluster
  /** @type {Set<import('node:http').ServerResponse>} */
  #readers = new Set()
  #timer = setInterval(() => this.#write(':\n\n'), heartbeat)
  /** @type {NodeJS.Timeout | undefined} */
  #soon
  #told = ''

  /** @param {Cluster} cluster */
  constructor(cluster) {
    this.#cluster = cluster
    this.#timer.unref()
    cluster.on('change', () => {
      this.#soon ??= setTimeout(() => this.#tell(), rest)
    })
  }

  /** @param {import('node:http').ServerResponse} response */
  answer(response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    // An EventSource asks again by itself, a moment later.
    response.write(`retry: 1000\n\n${this.#event()}`)
    this.#readers.add(response)
    response.once('close', () => this.#readers.delete(response))
  }

  close() {
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    for (const reader of this.#readers) reader.end()
  }

  #tell() {
    this.#soon = undefined
    const event = this.#event()
    if (event !== this.#told) this.#write(event)
    this.#told = event
  }

  #event() {
    const { redis, replicas } = this.#cluster
    const shown = replicas.map(({ number, state, sockets }) => ({ number, state, sockets }))
    return `data: ${JSON.stringify({ redis: redis.state, replicas: shown })}\n\n`
  }

  /** @param {string} text */
  #write(text) {
    for (const reader of this.#readers) reader.write(text)
  }
}
