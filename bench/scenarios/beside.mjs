import { WebSocket } from 'ws'
import { now, sleep } from '../measure/now.mjs'
import { quantile } from '../measure/stats.mjs'
import { Trial } from '../trial.mjs'
import { gently } from './scenario.mjs'

/** So short an interval that the large topic is being told all the time, as far as the share of the time allows. */
const flush = { minimum: 50, maximum: 50 }
const [every, probeEvery] = [25, 20]

/**
 * A large topic is told without a pause; meanwhile others join topics of their own, and wait for the answer.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const beside = {
  name: 'beside',
  what: 'ms until a join elsewhere is answered, while N clients of one topic are being told all the time',
  unit: 'clients',
  sizes: [19_000],
  quick: 1000,
  systems: () => ['headcount'],
  alone: true,
  async run(bench, system, size) {
    const { fleet, quick } = bench
    const times = quick ? 80 : 600
    const trial = await Trial.begin(bench, system, { topics: 1, server: { config: { flush } } })
    const probe = await Probe.open(trial.port)
    try {
      const { missing } = await fleet.burst({ from: 0, to: size + 1, ...gently })
      await sleep(2000)
      const before = await trial.mark()
      const toggling = fleet.toggle({ index: size, times, every })
      const waits = await probe.join(Math.floor((times * every) / probeEvery), probeEvery)
      await toggling
      const spent = await trial.since(before)
      return {
        ...(await trial.settle()),
        missing,
        p50: quantile(waits, 0.5),
        p99: quantile(waits, 0.99),
        worst: Math.max(...waits),
        joins: waits.length,
        framesASecond: spent.frames / spent.wall,
        serverShare: spent.cpu / spent.wall,
      }
    } finally {
      probe.end()
      await trial.end()
    }
  },
}

/** One socket that joins and leaves topics which nobody else is in. */
class Probe {
  #socket
  #heard = (/** @type {string} */ _) => {}

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket
    socket.on('message', (data) => this.#heard(String(data)))
  }

  /** @param {number} port @returns {Promise<Probe>} */
  static open(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`)
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(new Probe(socket)))
      socket.once('error', reject)
    })
  }

  /**
   * How long, in ms, each of so many joins waited for its answer. One begins every `ms` at most.
   *
   * @param {number} times
   * @param {number} ms
   */
  async join(times, ms) {
    const waits = []
    for (let i = 0; i < times; i++) {
      const topic = `beside:${i}`
      const asked = now()
      const answered = new Promise((resolve) => {
        this.#heard = (text) => text.includes('phx_reply') && resolve(undefined)
      })
      this.#send([String(i), String(i), topic, 'phx_join', {}])
      await answered
      waits.push(now() - asked)
      this.#send([String(i), `l${i}`, topic, 'phx_leave', {}])
      await sleep(Math.max(1, ms - (now() - asked)))
    }
    return waits
  }

  /** @param {readonly unknown[]} frame */
  #send(frame) {
    this.#socket.send(JSON.stringify(frame))
  }

  end() {
    this.#socket.terminate()
  }
}
