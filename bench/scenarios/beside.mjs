import { LoadClient } from '../../tools/load/client.mjs'
import { now, sleep } from '../../tools/load/time.mjs'
import { quantile } from '../statistics.mjs'
import { gently } from './scenario.mjs'

/** So short that the large topic is broadcast all the time, as far as the share of the event loop allows. */
const flush = { minimum: 50, maximum: 50 }
const [times, every, joinEvery] = [600, 25, 20]

/** @type {import('./scenario.mjs').Scenario} */
export const beside = {
  name: 'beside',
  what: 'ms until a join of another topic is answered, while a topic of N clients is broadcast all the time',
  sizes: [19_000],
  columns: ['p50 ms', 'p99 ms', 'worst ms', 'joins', 'frames per second', 'server’s core', 'wrong'],
  setup: () => ({ topics: 1, server: { config: { flush } } }),
  async run({ trial, fleet, server, size }) {
    const missing = await fleet.grow({ to: size + 1, ...gently })
    const client = new LoadClient({ url: server.url, topic: '' })
    await client.connect()
    await sleep(2000)
    const before = await trial.mark()
    const toggling = fleet.toggle({ number: size, times, every })
    const waits = await joinInTurn(client, Math.floor((times * every) / joinEvery))
    await toggling
    const { frames, 'server CPU, s': cpu, 'wall, s': wall } = await trial.since(before)
    client.drop()
    const of = (/** @type {number} */ share) => quantile(waits, share)
    const figures = { 'frames per second': frames / wall, 'server’s core': cpu / wall, joins: waits.length, missing }
    return { ...(await trial.settle()), ...figures, 'p50 ms': of(0.5), 'p99 ms': of(0.99), 'worst ms': of(1) }
  },
}

/**
 * How long, in ms, each join waited for its reply. Each is of a different topic.
 * @param {LoadClient} client
 * @param {number} times
 */
async function joinInTurn(client, times) {
  const waits = []
  for (let i = 0; i < times; i++) {
    const sent = now()
    await client.join({}, `beside:${i}`)
    waits.push(now() - sent)
    void client.leave()
    await sleep(Math.max(1, joinEvery - (now() - sent)))
  }
  return waits
}
