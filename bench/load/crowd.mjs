import { now } from '../measure/now.mjs'
import { Client } from './client.mjs'
import { protocols } from './protocols/protocol.mjs'

/**
 * Where a crowd goes, and which part of it this process is.
 *
 * @typedef {object} CrowdOptions
 * @property {import('./protocols/protocol.mjs').ProtocolName} protocol
 * @property {string} [path] Of the upgrade, where it is not the protocol's own.
 * @property {string} host
 * @property {number} port
 * @property {readonly number[]} [otherPorts] More ports that clients go to in turn.
 * @property {number} topics How many topics the clients are spread over.
 * @property {string} prefix What topics begin with.
 * @property {number} part This process's number.
 * @property {number} parts How many processes there are: client i is of process i % parts.
 * @property {number} samples Every so manyth client of the process keeps what it was told; 0: none.
 */

/** At most so many clients have one local address: a client port each, with room for those that come again. */
const clientsAnAddress = 4_000

/** Silence after which a client sends a heartbeat, as the stock Phoenix client does. */
const heartbeat = 30_000

/** The clients of one process. */
export class Crowd {
  tally = { frames: 0, bytes: 0, lost: 0, news: 0, changes: 0 }
  /** @type {Map<number, Client>} */
  clients = new Map()
  /** Called as clients are told their first count. @type {(client: Client) => void} */
  onJoined = () => {}
  /** Called as clients are sent away, or are not let in. */
  onLost = () => {}
  /** When each join began, in ms of `now`. @type {number[]} */
  asked = []
  /** @type {import('./client.mjs').Around[]} */
  #around
  #options
  #timer

  /** @param {CrowdOptions} options */
  constructor(options) {
    this.#options = options
    const { protocol: name, path, host, port, part } = options
    const protocol = path === undefined ? protocols[name] : { ...protocols[name], path }
    // Elsewhere the loopback has one address, unless somebody gives it more. Each server's clients have others: the ports of
    // those who have just gone are not free yet, and the kernel looks long for one that is.
    const many = process.platform === 'linux' && host.startsWith('127.')
    this.#around = [port, ...(options.otherPorts ?? [])].map((port) => ({
      protocol,
      host,
      port,
      addressOf: (index) =>
        many ? `127.${port % 250}.${part + 1}.${1 + Math.floor(index / options.parts / clientsAnAddress)}` : undefined,
      tally: this.tally,
      joined: (client) => this.onJoined(client),
      lost: () => {
        this.tally.lost++
        this.onLost()
      },
    }))
    this.#timer = setInterval(() => this.#beat(), 1000)
  }

  /**
   * The indices from `from` to `to` that are this process's.
   *
   * @param {number} from
   * @param {number} to
   */
  own(from, to) {
    const { part, parts } = this.#options
    const first = from + ((part - (from % parts) + parts) % parts)
    return Array.from({ length: Math.max(0, Math.ceil((to - first) / parts)) }, (_, i) => first + i * parts)
  }

  /** @param {number} index */
  open(index) {
    const { topics, prefix, samples, parts } = this.#options
    let client = this.clients.get(index)
    if (client === undefined) {
      const place = index % topics
      // Neighbours in a topic go to different servers.
      const around = this.#around[Math.floor(index / topics + place) % this.#around.length]
      if (around === undefined) throw new Error('expected a port, got none')
      client = new Client(index, place, `${prefix}${place}`, around)
      if (samples > 0 && Math.floor(index / parts) % samples === 0) client.trace = []
      this.clients.set(index, client)
    }
    client.connect()
    this.asked.push(client.askedAt)
    return client
  }

  /** How many clients of each topic are there: connected, and not sent away. */
  present() {
    const present = Array.from({ length: this.#options.topics }, () => 0)
    for (const { place, open } of this.clients.values()) if (open) present[place] = (present[place] ?? 0) + 1
    return present
  }

  /**
   * How many of those who are there were not told what is true.
   *
   * @param {readonly number[]} truth How many of each topic are there, in all processes.
   */
  wrong(truth) {
    let wrong = 0
    let off = 0
    for (const { place, count, open } of this.clients.values()) {
      const error = open ? Math.abs(count - (truth[place] ?? 0)) : 0
      if (error > 0) wrong++
      off = Math.max(off, error)
    }
    return { wrong, off }
  }

  end() {
    clearInterval(this.#timer)
    for (const client of this.clients.values()) client.destroy()
  }

  #beat() {
    const since = now() - heartbeat
    for (const client of this.clients.values()) if (client.open && client.spokeAt < since) client.heartbeat()
  }
}
