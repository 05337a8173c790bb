import { now, sleep } from '../tools/load/time.mjs'
import { cpuOf, processTree } from './process-stats.mjs'
import { systems } from './systems.mjs'

/**
 * Clients that join and leave before the measurement, ten in a topic: V8 interprets the code of a new process and
 * compiles it in other threads, which would be a third of the apparent cost of a storm of 2,000.
 */
const warmUp = { clients: 4000, topics: 400 }

/** One system under one load, and the resources of both. */
export class Trial {
  #fleet
  #server
  #clients

  /**
   * @param {import('../tools/load/fleet.mjs').Fleet} fleet
   * @param {import('./systems.mjs').Server} server
   * @param {import('./scenarios/scenario.mjs').TrialOptions} options
   */
  constructor(fleet, server, { topics, samples = 0, otherUrls = [] }) {
    const { protocol, heartbeat } = /** @type {import('./systems.mjs').System} */ (systems[server.name])
    this.#fleet = fleet
    this.#server = server
    const urls = [server.url, ...otherUrls]
    this.#clients = { protocol, ...(heartbeat && { heartbeat }), urls, topics, samples, prefix: 'video:' }
  }

  /** Warms the system up unless it is to stay cold, and sets up the clients. @param {{ cold?: boolean }} [options] */
  async begin({ cold = false } = {}) {
    if (!cold && this.#server.name !== 'floor') {
      await this.#fleet.setup({ ...this.#clients, topics: warmUp.topics, prefix: 'video:warm' })
      await this.#fleet.grow({ to: warmUp.clients, atOnce: 40, within: 60_000 })
    }
    await this.restart(this.#clients.topics)
  }

  /** New clients for the same server. @param {number} topics */
  async restart(topics) {
    await this.#fleet.clear()
    await sleep(1000)
    await this.#fleet.setup({ ...this.#clients, topics })
  }

  /** The resources used by server and load, and the frames received so far. */
  async mark() {
    const tally = await this.#fleet.tally()
    return { at: now(), processes: processTree(this.#server.pid).map(cpuOf), load: cpuOf(this.#fleet.pid), ...tally }
  }

  /**
   * The same, since a mark: `busiest` is one of the server's processes.
   * @param {Awaited<ReturnType<Trial['mark']>>} before
   */
  async since(before) {
    const after = await this.mark()
    const wall = (after.at - before.at) / 1000
    const each = after.processes.map((cpu, i) => cpu - (before.processes[i] ?? 0))
    return {
      'server CPU, s': each.reduce((sum, cpu) => sum + cpu, 0),
      'busiest, s': Math.max(...each),
      frames: after.frames - before.frames,
      MB: (after.bytes - before.bytes) / 1e6,
      changes: after.changes - before.changes,
      'wall, s': wall,
      'load’s core': (after.load - before.load) / wall,
    }
  }

  /** Measures an action until all is quiet. @param {() => Promise<number>} act Returns how many are missing. */
  async measure(act) {
    const before = await this.mark()
    const missing = await act()
    const end = await this.settle()
    return { ...(await this.since(before)), ...end, missing }
  }

  /**
   * Waits until every connected client shows the number of connected ones, or no total has changed for 4 s. Returns how
   * many show another total, the largest error, and how many were lost.
   */
  async settle() {
    let before = -1
    let changedAt = now()
    for (let right = 0; ; await sleep(100)) {
      const { counted, lost } = await this.#fleet.tally()
      const { wrong, off } = await this.#fleet.wrong(undefined)
      right = wrong === 0 ? right + 1 : 0
      if (counted !== before) changedAt = now()
      before = counted
      if (right === 2 || now() - changedAt > 4000) return { wrong, off, lost }
    }
  }
}
