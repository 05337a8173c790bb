// The process of a fleet: answers each request of its parent, and exits with it.
import { createBirpc } from 'birpc'
import { LoadClient } from './client.mjs'
import { createCrowd } from './crowd.mjs'
import { ScriptedClient, sightOf } from './scripted-client.mjs'
import { now, sleep, systemClock } from './time.mjs'

/** @typedef {import('./protocols.mjs').ProtocolName} ProtocolName */

/**
 * @typedef {object} SetupOptions
 * @property {readonly string[]} urls The servers that the clients of each topic are spread over.
 * @property {number} topics Client i joins the topic i % topics.
 * @property {string} prefix The prefix of topics.
 * @property {ProtocolName | readonly ProtocolName[]} [protocol] `phoenix` by default. Client i uses number i % length.
 * @property {number} [samples] One of this number of clients records a trace. Default: 0, none.
 * @property {number} [heartbeat] In ms.
 * @property {number} [part] Fleets that load the same server have different ones.
 */

/** Maximum clients per local address: each uses a port, and ports of closed ones are not free at once. */
const clientsPerAddress = 4_000

/** @type {import('./crowd.mjs').Crowd} */
let crowd
/** @type {SetupOptions} */
let options
/** @type {ScriptedClient[]} */
let scripted = []

const clients = () => crowd.members.map(({ client }) => client)
const topicOf = (/** @type {number} */ number) => number % options.topics

export const requests = {
  /** Drops all clients; new ones use these options. @param {SetupOptions} setup */
  setup(setup) {
    requests.clear()
    options = setup
    const { heartbeat = 30_000 } = options
    const empty = { url: '', topic: '', viewers: 0, users: 0, churn: 0 }
    crowd = createCrowd({ ...empty, random: Math.random, clock: systemClock, heartbeat, client })
  },
  /**
   * Clients join until there are `to`: all at once, or `rate` per second, or `atOnce` at a time. Returns the number of
   * those that have not joined `within` ms after the last was due.
   * @param {{ to: number, rate?: number, atOnce?: number, within: number }} growth
   */
  async grow({ to, rate = 1e9, atOnce = Number.POSITIVE_INFINITY, within }) {
    Object.assign(crowd, { rate, atOnce })
    crowd.resize({ viewers: to, users: 0 })
    await until(() => crowd.joined === to, (to * 1000) / rate + within)
    return to - crowd.joined
  },
  /**
   * A share of the clients closes each second, and each returns with a new connection about a second later. Returns the
   * number of those that have not returned `within` ms after the last.
   * @param {{ share: number, seconds: number, within: number }} churn
   */
  async churn({ share, seconds, within }) {
    const before = crowd.joined
    crowd.churn = share
    await sleep(seconds * 1000)
    crowd.churn = 0
    await until(() => crowd.joined >= before, within)
    return Math.max(0, before - crowd.joined)
  },
  /**
   * One client leaves and joins in turn on its connection, so that all others of its topic get a diff each time.
   * @param {{ number: number, times: number, every: number }} toggle `every`: from one leave or join to the next, in
   *   ms.
   */
  async toggle({ number, times, every }) {
    const begin = now()
    const client = clients()[number]
    for (let i = 1; i <= times; i++) {
      void (i % 2 === 1 ? client?.leave() : client?.join())
      await sleep(Math.max(0, begin + i * every - now()))
    }
  },
  /**
   * In every topic one more client joins and closes repeatedly. Returns the time, in ms, of each from its first packet
   * until all clients of the topic showed it; the number not shown within 10 s; and the faults of all.
   * @param {{ seconds: number }} probe
   */
  async probe({ seconds }) {
    const end = now() + seconds * 1000
    const topics = Array.from({ length: options.topics }, (_, topic) => probeTopic(topic, end))
    const delays = (await Promise.all(topics)).flat()
    const shown = delays.filter((delay) => delay !== undefined)
    return {
      delays: shown,
      missing: delays.length - shown.length,
      faults: clients().flatMap(({ presence }) => presence.faults),
    }
  },
  /** Received frames, changes of totals, failures, joins and leaves since the setup. */
  tally() {
    const { joins, leaves, failures } = crowd.progress()
    const tally = { frames: 0, bytes: 0, counted: 0, lost: failures, changes: joins + leaves }
    for (const { frames, bytes, changes } of clients()) {
      tally.frames += frames
      tally.bytes += bytes
      tally.counted += changes
    }
    return tally
  },
  /**
   * The number of connected clients with a wrong total, and the largest error.
   * @param {number} [truth] Of every topic. Default: the connected clients of the topic.
   */
  wrong(truth) {
    const present = new Array(options.topics).fill(0)
    const open = clients().filter((client) => client.open)
    for (const { number } of open) present[topicOf(number)]++
    const errors = open.map(({ total, number }) => Math.abs(total - (truth ?? present[topicOf(number)])))
    return { wrong: errors.filter(Boolean).length, off: errors.reduce((most, error) => Math.max(most, error), 0) }
  },
  /** When the clients began to connect, in ms of `now`, in order; and the traces of the sampled ones. */
  traces() {
    const connects = clients().map(({ connectedAt }) => connectedAt)
    const traces = clients().flatMap(({ trace }) => (trace === undefined ? [] : [trace]))
    return { connects: connects.sort((a, b) => a - b), traces }
  },
  /**
   * Runs scripted clients to the end of their scripts.
   * @param {readonly import('./scripted-client.mjs').Script[]} scripts
   */
  async run(scripts) {
    scripted = scripts.map((script) => new ScriptedClient(script))
    const begin = now()
    await Promise.all(scripted.map((client) => client.run(begin)))
  },
  /** Resolves when the servers have handled all frames of the scripted clients. */
  async settle() {
    await Promise.all(scripted.map(({ client }) => client.heartbeat()))
  },
  /**
   * The shown counts of the scripted clients.
   * @param {import('./presence-counts.mjs').Counts} truth The true counts of their topic.
   */
  look: (truth) => sightOf(scripted, truth),
  /** Drops all connections. */
  clear() {
    for (const { client } of crowd?.members ?? []) client.drop()
    void crowd?.stop()
    for (const { client } of scripted.splice(0)) client.drop()
  },
}

/**
 * The server of a client, and its local loopback address, of which Linux has 16 million. Servers get different ones:
 * the kernel is slow to find a free port of an address whose ports have just been closed.
 * @param {number} number
 */
function client(number) {
  const { urls, topics, prefix, protocol = 'phoenix', samples = 0, part = 0 } = options
  const url = urls[(Math.floor(number / topics) + topicOf(number)) % urls.length] ?? ''
  const { hostname, port } = new URL(url)
  const isLoopback = process.platform === 'linux' && hostname.startsWith('127.')
  const address = `127.${Number(port) % 250}.${part + 1}.${1 + Math.floor(number / clientsPerAddress)}`
  const trace = samples > 0 && number % samples === 0 ? [] : undefined
  const topic = `${prefix}${topicOf(number)}`
  const spoken = [protocol].flat()
  return { url, topic, protocol: spoken[number % spoken.length], localAddress: isLoopback ? address : undefined, trace }
}

/** @param {number} topic @param {number} end */
async function probeTopic(topic, end) {
  const others = crowd.members.map((member) => member.client).filter(({ number }) => topicOf(number) === topic)
  const show = (/** @type {number} */ total) => until(() => others.every((client) => client.total === total), 10_000, 1)
  /** @type {(number | undefined)[]} */
  const delays = []
  while (now() < end) {
    const probe = new LoadClient(client(crowd.members.length + topic))
    const isIn = (await probe.connect()) && (await probe.join())?.status === 'ok'
    const isShown = isIn && (await show(others.length + 1))
    delays.push(isShown ? now() - probe.connectedAt : undefined)
    void probe.close()
    await show(others.length)
    // Joins at any moment of the interval between two broadcasts.
    await sleep(Math.random() * 100)
  }
  return delays
}

/** Whether it was reached. @param {() => boolean} reached @param {number} within @param {number} step in ms. */
async function until(reached, within, step = 5) {
  const end = now() + within
  while (!reached() && now() < end) await sleep(step)
  return reached()
}

createBirpc(requests, {
  // A parent that has exited needs no answer.
  post: (message) => process.send?.(message, () => {}),
  on: (listener) => process.on('message', listener),
})
process.once('disconnect', () => process.exit())
