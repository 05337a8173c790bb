import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

/** One change per `every` ms: longer than the flush interval, so that each is broadcast at once and separately. */
const [times, every, interval] = [12, 400, 300]

/**
 * One client of a large topic leaves and joins in turn. Headcount and the peers are set to a flush interval of 300 ms;
 * the lower bound sends the same number of bytes as Headcount.
 * @type {import('./scenario.mjs').Scenario}
 */
export const fanout = {
  name: 'fanout',
  what: 'CPU of the server per frame that it sends to N clients of one topic',
  sizes: [9900],
  systems: () => ['headcount', 'socketio-fair', 'ws-fair', 'floor'],
  columns: ['CPU per frame, µs', 'frames', 'bytes per frame', 'rounds'],
  setup({ size, system }) {
    const framesPerSecond = Math.ceil((size * 1000) / interval)
    const args = system === 'floor' ? [String(every), String(diffBytes(size))] : []
    const config = { flush: { framesPerSecond } }
    return { topics: 1, server: { args, config, env: { BENCH_FRAMES_PER_SECOND: String(framesPerSecond) } } }
  },
  async run({ trial, fleet, server, size, system }) {
    // The last one is the one that leaves and joins.
    const missing = await fleet.grow({ to: size + 1, ...gently })
    if (system !== 'floor') await trial.settle()
    await sleep(1000)
    const before = await trial.mark()
    if (system === 'floor') {
      server.signal('SIGUSR1')
      await sleep(every * (times - 1) + every / 2)
    } else await fleet.toggle({ number: size, times, every })
    const figures = await trial.since(before)
    const { frames, MB, 'server CPU, s': cpu } = figures
    const each = { 'CPU per frame, µs': (cpu / frames) * 1e6, 'bytes per frame': (MB / frames) * 1e6 }
    return { ...figures, missing, rounds: frames / size, ...each }
  },
}

/** Bytes of the diff that Headcount sends each client, without the frame's header. @param {number} clients */
function diffBytes(clients) {
  const counts = (/** @type {number} */ viewers) => ({ users: { count: 0 }, viewers: { count: viewers } })
  const payload = { joins: counts(1), leaves: counts(0), counts: counts(clients) }
  return JSON.stringify([null, null, 'video:0', 'presence_diff', payload]).length
}
