import { LoadClient } from './client.mjs'
import { now } from './time.mjs'

/**
 * @typedef {object} PoolOptions
 * @property {import('./protocols/protocol.mjs').ProtocolName} protocol
 * @property {readonly string[]} urls Clients of a topic are spread over these servers.
 * @property {number} topics How many topics the clients are spread over: client i joins topic i % topics.
 * @property {string} prefix What the names of topics begin with.
 * @property {number} [samples] Of every so many clients of a thread, one keeps its trace. 0, the default: none does.
 *
 * @typedef {PoolOptions & { part: number, parts: number }} PartOptions `parts` threads share the clients: client i belongs to
 *   the thread i % parts.
 */

/** At most so many clients share a local address: each takes a port of it, and those of closed ones are not free at once. */
const clientsPerAddress = 4_000

/** A client that has been silent for so long, in ms, sends a heartbeat, as the stock Phoenix client does. */
const heartbeat = 30_000

/** The numbered clients of one thread. */
export class ClientPool {
  /** @type {Map<number, LoadClient>} */
  clients = new Map()
  /** When each client began to connect, in ms of `now`. @type {number[]} */
  connects = []
  /** Clients that the server refused or closed. */
  lost = 0
  /** Leaves and joins of `churn`. */
  changes = 0
  /** Called with each client that got its first counts. @type {(client: LoadClient) => void} */
  onJoined = () => {}
  /** Called when a client is lost. */
  onLost = () => {}
  #options
  #timer

  /** @param {PartOptions} options */
  constructor(options) {
    this.#options = options
    this.#timer = setInterval(() => this.#heartbeats(), 1000)
  }

  /**
   * The numbers from `from` up to `to` that belong to this thread.
   *
   * @param {number} from
   * @param {number} to
   */
  own(from, to) {
    const { part, parts } = this.#options
    const first = from + ((part - (from % parts) + parts) % parts)
    return Array.from({ length: Math.max(0, Math.ceil((to - first) / parts)) }, (_, i) => first + i * parts)
  }

  /** Connects a client and joins its topic. @param {number} number */
  async open(number) {
    let client = this.clients.get(number)
    if (client === undefined) {
      client = this.#create(number)
      this.clients.set(number, client)
    }
    const connecting = client.connect()
    this.connects.push(client.connectedAt)
    if (!(await connecting)) return
    if (this.#options.protocol === 'raw') this.onJoined(client)
    else void client.join()
  }

  /** How many clients of each topic are connected. */
  present() {
    const present = new Array(this.#options.topics).fill(0)
    for (const { number, open } of this.clients.values()) if (open) present[number % present.length]++
    return present
  }

  /**
   * How many connected clients show another total than the true one, and by how much at most.
   *
   * @param {readonly number[]} truth The true total of each topic.
   */
  wrong(truth) {
    let wrong = 0
    let off = 0
    for (const { number, total, open } of this.clients.values()) {
      const error = open ? Math.abs(total - (truth[number % truth.length] ?? 0)) : 0
      if (error > 0) wrong++
      off = Math.max(off, error)
    }
    return { wrong, off }
  }

  /** What all clients received so far, and how often a total changed. */
  tally() {
    const tally = { frames: 0, bytes: 0, counted: 0, lost: this.lost, changes: this.changes }
    for (const { frames, bytes, changes } of this.clients.values()) {
      tally.frames += frames
      tally.bytes += bytes
      tally.counted += changes
    }
    return tally
  }

  /** When all clients began to connect, and the traces of the sampled ones. */
  traces() {
    return {
      connects: this.connects,
      traces: [...this.clients.values()].flatMap(({ trace }) => (trace === undefined ? [] : [trace])),
    }
  }

  /** Ends all connections at once. */
  end() {
    clearInterval(this.#timer)
    for (const client of this.clients.values()) client.drop()
  }

  /** @param {number} number */
  #create(number) {
    const { protocol, urls, topics, prefix, part, parts, samples = 0 } = this.#options
    const topic = number % topics
    const url = urls[Math.floor(number / topics + topic) % urls.length] ?? ''
    const client = new LoadClient({
      url,
      topic: `${prefix}${topic}`,
      number,
      protocol,
      localAddress: localAddress(new URL(url), part, Math.floor(number / parts / clientsPerAddress)),
      listener: {
        joined: (client) => this.onJoined(client),
        closed: () => {
          this.lost++
          this.onLost()
        },
      },
    })
    if (samples > 0 && Math.floor(number / parts) % samples === 0) client.trace = []
    return client
  }

  #heartbeats() {
    const since = now() - heartbeat
    for (const client of this.clients.values()) if (client.open && client.sentAt < since) void client.heartbeat()
  }
}

/**
 * A loopback address of Linux, which has 16 million of them. Servers get different ones: the ports of clients that just
 * closed are not free yet, and the kernel searches long for one that is.
 *
 * @param {URL} url
 * @param {number} part
 * @param {number} block
 */
function localAddress({ hostname, port }, part, block) {
  if (process.platform !== 'linux' || !hostname.startsWith('127.')) return undefined
  return `127.${Number(port) % 250}.${part + 1}.${1 + block}`
}
