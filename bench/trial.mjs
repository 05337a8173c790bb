import { cpuOf, cpuOfTree, tree } from './measure/cpu.mjs'
import { memoryOf, rssOf } from './measure/memory.mjs'
import { now, sleep } from './measure/now.mjs'
import { start } from './server/start.mjs'
import { systems } from './server/systems.mjs'

/**
 * What every trial has around it.
 *
 * @typedef {object} Bench
 * @property {import('./load/fleet.mjs').Fleet} fleet
 * @property {readonly string[]} nodeFlags Of every server that is Node.
 * @property {{ url: URL, pid: number | undefined } | undefined} target A peer that is attached by URL.
 * @property {string} prefix What topics begin with.
 * @property {number} seed
 * @property {boolean} quick
 *
 * @typedef {Record<string, number>} Figures What a trial measured, by name.
 *
 * @typedef {object} TrialOptions
 * @property {number} topics
 * @property {number} [samples] Every so manyth client of a process keeps what it was told.
 * @property {import('./server/start.mjs').StartOptions} [server]
 * @property {readonly number[]} [otherPorts]
 */

/**
 * How many clients come and go before anything is measured, ten to a topic. A server that has just begun interprets its code and compiles it on
 * threads beside: 0.5 s of CPU, a third of what a storm of 2,000 then seems to cost.
 */
const warmUp = { clients: 4000, topics: 400 }

/** One system, started afresh, under one load. */
export class Trial {
  /** @type {Awaited<ReturnType<typeof start>> | undefined} */
  #server
  #fleet
  #pid
  /** @type {import('./load/fleet.mjs').FleetOptions | undefined} */
  #crowd

  /**
   * @param {Bench} bench
   * @param {Awaited<ReturnType<typeof start>> | undefined} server Undefined: a peer by URL.
   */
  constructor(bench, server) {
    this.#server = server
    this.#fleet = bench.fleet
    this.#pid = server?.pid ?? bench.target?.pid
  }

  /**
   * Starts the system, warms it up, and sets the crowd up before it.
   *
   * @param {Bench} bench
   * @param {import('./server/systems.mjs').SystemName} name
   * @param {TrialOptions} options
   */
  static async begin(bench, name, { topics, samples = 0, server: startOptions = {}, otherPorts }) {
    const { fleet, nodeFlags, prefix } = bench
    const server = name === 'target' ? undefined : await start(name, { nodeFlags, ...startOptions })
    const trial = new Trial(bench, server)
    try {
      const place = server === undefined ? placeOf(bench) : { ...protocolOf(name), port: server.port }
      const crowd = { host: '127.0.0.1', ...place, topics, samples, prefix, otherPorts: otherPorts ?? [] }
      if (place.protocol !== 'raw') {
        await fleet.setup({ ...crowd, samples: 0, topics: warmUp.topics, prefix: `${prefix}warm` })
        await fleet.burst({ from: 0, to: warmUp.clients, atOnce: 20, within: 60_000 })
        await fleet.clear()
        await sleep(500)
      }
      await fleet.setup(crowd)
      trial.#crowd = crowd
      return trial
    } catch (error) {
      await trial.end()
      throw error
    }
  }

  /** Everybody goes, and a new crowd is set up before the same server. @param {number} topics */
  async anew(topics) {
    await this.#fleet.clear()
    await sleep(1000)
    if (this.#crowd !== undefined) await this.#fleet.setup({ ...this.#crowd, topics })
  }

  /** Where it takes sockets. */
  get port() {
    return this.#server?.port ?? 0
  }

  /** Processes of the server, the first first. */
  get pids() {
    return this.#pid === undefined ? [] : tree(this.#pid)
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#server?.signal(signal)
  }

  /** What server and load have spent, and what has come over the wire, by now. */
  async mark() {
    const { frames, bytes, changes } = await this.#fleet.tally()
    return {
      at: now(),
      cpu: this.#pid === undefined ? Number.NaN : cpuOfTree(this.#pid),
      busiest: this.pids.map(cpuOf),
      loadCpu: this.#fleet.pids.reduce((sum, pid) => sum + cpuOf(pid), 0),
      frames,
      bytes,
      changes,
    }
  }

  /**
   * What happened since, as figures: seconds of CPU, frames and bytes, and the share of its core that the load took.
   *
   * @param {Awaited<ReturnType<Trial['mark']>>} before
   */
  async since(before) {
    const after = await this.mark()
    const wall = (after.at - before.at) / 1000
    return {
      cpu: after.cpu - before.cpu,
      busiest: Math.max(...after.busiest.map((cpu, i) => cpu - (before.busiest[i] ?? 0))),
      frames: after.frames - before.frames,
      bytes: after.bytes - before.bytes,
      changes: after.changes - before.changes,
      wall,
      loadShare: (after.loadCpu - before.loadCpu) / wall,
    }
  }

  /**
   * Waits until every client that is there shows how many are there; or until no count has changed for `quiet` ms, and then
   * says how many are wrong and by how much.
   *
   * @param {{ quiet?: number, within?: number }} [options]
   */
  async settle({ quiet = 4000, within = 120_000 } = {}) {
    const end = now() + within
    let heard = -1
    let movedAt = now()
    for (let right = 0; ; ) {
      const { news, lost } = await this.#fleet.tally()
      const { wrong, off } = await this.#fleet.wrong()
      right = wrong === 0 ? right + 1 : 0
      if (news !== heard) movedAt = now()
      heard = news
      if (right === 2 || now() - movedAt > quiet || now() > end) return { wrong, off, lost }
      await sleep(100)
    }
  }

  /** Bytes after a collection: RSS, and the heap where it is Node. */
  async memory() {
    if (this.#pid === undefined) return { rss: Number.NaN, heap: Number.NaN }
    const server = this.#server
    if (server === undefined) return { rss: rssOf(this.#pid), heap: Number.NaN }
    return memoryOf({ pid: this.#pid, folder: server.folder, probed: server.name !== 'floor' })
  }

  async end() {
    await this.#fleet.clear()
    await this.#server?.stop()
  }
}

/** @param {import('./server/systems.mjs').SystemName} name */
function protocolOf(name) {
  return { protocol: name === 'target' ? /** @type {const} */ ('phoenix') : systems[name].protocol }
}

/** Where a peer by URL takes sockets: it speaks Phoenix. @param {Bench} bench */
function placeOf({ target }) {
  if (target === undefined) throw new Error('expected --target ws://…, got none')
  const { hostname, port, pathname, searchParams } = target.url
  if (!searchParams.has('vsn')) searchParams.set('vsn', '2.0.0')
  return {
    protocol: /** @type {const} */ ('phoenix'),
    host: hostname === 'localhost' ? '127.0.0.1' : hostname,
    port: Number(port || 80),
    path: `${pathname}?${searchParams}`,
  }
}
