import { LoadClient } from './client.mjs'
import { now, sleep } from './time.mjs'

/**
 * @typedef {'join' | 'observe' | 'leave' | 'leave-and-join' | 'join-again' | 'close' | 'drop' | 'reset'} Act `join` and
 *   `observe` (join as an observer) connect first if necessary. `leave` keeps the connection; `leave-and-join` sends
 *   both back to back; `join-again` joins again without a leave. `close` ends the connection with a close frame, `drop`
 *   without, `reset` with a TCP reset.
 *
 * @typedef {object} Script
 * @property {readonly string[]} urls The servers of its first connection, of its second one, and so on, in rotation.
 * @property {string} topic
 * @property {import('./protocols.mjs').ProtocolName} [protocol] `phoenix` by default.
 * @property {1 | 2} [vsn]
 * @property {string | undefined} [token]
 * @property {string | undefined} [clientId]
 * @property {readonly { at: number, act: Act }[]} steps `at`: in ms from the start of the run.
 *
 * @typedef {ReturnType<typeof sightOf>} Sight
 */

export class ScriptedClient {
  /** Whether it is in the topic after its last act. */
  inside = false
  #opened = 0
  client
  #script

  /** @param {Script} script */
  constructor(script) {
    this.#script = script
    const closed = (/** @type {LoadClient} */ { presence }, /** @type {string} */ reason) =>
      presence.faults.push(reason)
    this.client = new LoadClient({ ...script, url: '', listener: { closed } })
  }

  /** @param {number} begin in ms of `now`. */
  async run(begin) {
    for (const { at, act } of this.#script.steps) {
      await sleep(Math.max(0, begin + at - now()))
      await this.#do(act)
    }
  }

  /** @param {Act} act */
  async #do(act) {
    const { client } = this
    if (act === 'join' || act === 'observe') {
      if (!client.open) {
        const { urls } = this.#script
        client.url = urls[this.#opened++ % urls.length] ?? ''
        await client.connect()
      }
      void client.join(act === 'observe' ? { observe: true } : {})
    } else if (act === 'close' || act === 'drop' || act === 'reset') client[act]()
    else {
      if (act !== 'join-again') void client.leave()
      if (act !== 'leave') void client.join()
    }
    this.inside = ['join', 'observe', 'leave-and-join', 'join-again'].includes(act)
  }
}

/**
 * The result of scripted clients after a run.
 * @param {readonly ScriptedClient[]} clients
 * @param {import('./presence-counts.mjs').Counts} truth
 */
export function sightOf(clients, truth) {
  const inside = clients.filter((client) => client.inside).map(({ client }) => client.presence)
  const diffs = inside.map((presence) => presence.diffs)
  return {
    /** The number of those in the topic, including observers. */
    inside: inside.length,
    wrong: inside.filter((presence) => !presence.shows(truth)).map(({ counts }) => JSON.stringify(counts ?? null)),
    /** Violations of exactness, and connections that the server refused or closed. */
    faults: clients.flatMap(({ client }) => client.presence.faults),
    /** Diffs received by those in the topic, in all and at most by one. */
    diffs: diffs.reduce((sum, each) => sum + each, 0),
    mostDiffs: Math.max(0, ...diffs),
  }
}
