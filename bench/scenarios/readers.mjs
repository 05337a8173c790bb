import { LoadClient } from '../../tools/load/client.mjs'
import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

/** The kinds of clients, by protocol. */
const kinds = /** @type {const} */ ({ observer: 'observers', stream: 'stream readers', phoenix: 'viewers' })
/** @typedef {keyof typeof kinds} Kind */

/** One change per `every` ms, longer than the flush interval, so that each is broadcast at once and separately. */
const [every, interval] = [150, 100]

/** @type {import('./scenario.mjs').Scenario} */
export const readers = {
  name: 'readers',
  what: 'CPU of the server per change, for N observers, N stream readers and N viewers of one topic',
  sizes: [1000],
  columns: [
    ...Object.values(kinds).map((kind) => `${kind}: ms per change`),
    ...['stream readers, of observers', 'viewers counted', 'frames', 'wrong', 'lost'],
  ],
  setup: ({ size }) => ({
    topics: 1,
    server: { config: { flush: { framesPerSecond: Math.ceil((size * 1000) / interval) } } },
  }),
  async run({ trial, fleet, server, size, cold }) {
    // The first changes of a kind make V8 compile code.
    const [unmeasured, measured] = cold ? [0, 10] : [20, 60]
    const topic = 'video:0'
    const one = new LoadClient({ url: server.url, topic, protocol: 'phoenix' })
    await one.connect()
    /** @type {import('./scenario.mjs').Figures} */
    const figures = { frames: 0, lost: 0, missing: 0 }
    const add = (/** @type {string} */ name, /** @type {number} */ value) => {
      figures[name] = (figures[name] ?? 0) + value
    }
    const clients = (/** @type {Kind | readonly Kind[]} */ protocol) =>
      fleet.setup({ urls: [server.url], topics: 1, prefix: 'video:', protocol })

    for (const kind of /** @type {Kind[]} */ (Object.keys(kinds))) {
      await clients(kind)
      add('missing', await fleet.grow({ to: size, ...gently }))
      await change(one, unmeasured)
      await sleep(1000)
      const before = await trial.mark()
      await change(one, measured)
      const { frames, 'server CPU, s': cpu } = await trial.since(before)
      figures[`${kinds[kind]}: ms per change`] = (cpu / measured) * 1000
      add('frames', frames)
      add('lost', (await fleet.tally()).lost)
      await fleet.clear()
      await sleep(1000)
    }

    const all = /** @type {Kind[]} */ (Object.keys(kinds))
    await clients(all)
    add('missing', await fleet.grow({ to: size * all.length, ...gently }))
    // The last change is a leave.
    await change(one, 2)
    await sleep(1000)
    add('lost', (await fleet.tally()).lost)
    const { viewers } = (await countsOf(server.url, topic)).counts
    const { wrong, off } = await fleet.wrong(size)
    one.drop()
    const ratio = (figures['stream readers: ms per change'] ?? 0) / (figures['observers: ms per change'] ?? 0)
    return { ...figures, wrong, off, 'stream readers, of observers': ratio, 'viewers counted': viewers.count }
  },
}

/** One more viewer joins and leaves. @param {LoadClient} client @param {number} times How many joins and leaves. */
async function change(client, times) {
  for (let i = 0; i < times; i++) {
    void (i % 2 === 0 ? client.join() : client.leave())
    await sleep(every)
  }
}

/** @param {string} url @param {string} topic */
const countsOf = async (url, topic) => (await fetch(`${url.replace('ws:', 'http:')}/api/counts/${topic}`)).json()
