import { sleep } from '../../tools/load/time.mjs'
import { metric } from '../../tools/processes/metrics.mjs'
import { gently } from './scenario.mjs'

/** How long, in s, the clients are idle: three poll windows. */
const seconds = 30

/** One change per `every` ms: longer than the flush interval, so that each is broadcast at once and separately. */
const [times, every] = [20, 400]

/** The longest time, in ms, that a dropped poller counts. */
const goneAfter = 16_000

/**
 * Idle clients of one topic, which then see one of them leave and join in turn.
 * @type {import('./scenario.mjs').Scenario}
 */
export const polls = {
  name: 'polls',
  what: 'memory and CPU per client of one topic, over long polls beside WebSockets',
  sizes: [2_000],
  systems: () => ['headcount', 'headcount-polls', 'headcount-polls-workers'],
  columns: [
    'µs per frame',
    'relayed polls per frame',
    'µs per client and second at rest',
    'RSS per client, bytes',
    'heap per client, bytes',
    'wrong',
    'lost',
  ],
  setup: () => ({ topics: 1 }),
  async run({ trial, fleet, server, size }) {
    await sleep(goneAfter)
    const few = Math.round(size / 4)
    await fleet.grow({ to: few, ...gently })
    await sleep(2_000)
    const before = await server.memory()
    await fleet.grow({ to: size, ...gently })
    const end = await trial.settle()
    const after = await server.memory()
    const start = await trial.mark()
    await sleep(seconds * 1000)
    const rest = await trial.since(start)
    const relayed = () => metric(server.url.replace('ws', 'http'), 'headcount_long_polls_relayed_total')
    const [changing, relayedBefore] = [await trial.mark(), await relayed()]
    await fleet.toggle({ number: size - 1, times, every })
    await sleep(1_000)
    const [changed, relayedAfter] = [await trial.since(changing), await relayed()]
    const atRest = rest['server CPU, s'] / rest['wall, s']
    const each = (/** @type {keyof typeof after} */ name) => ((after[name] - before[name]) * 1e6) / (size - few)
    return {
      ...changed,
      ...end,
      'µs per frame': ((changed['server CPU, s'] - atRest * changed['wall, s']) / changed.frames) * 1e6,
      'relayed polls per frame': (relayedAfter - relayedBefore) / changed.frames,
      'µs per client and second at rest': (atRest / size) * 1e6,
      'RSS per client, bytes': each('RSS, MB'),
      'heap per client, bytes': each('heap, MB'),
    }
  },
}
