import { diffBytes } from '../measure/diff.mjs'
import { sleep } from '../measure/now.mjs'
import { Trial } from '../trial.mjs'
import { gently } from './scenario.mjs'

/** One change each so many ms: longer than the interval, so that each is told at once and alone. */
const every = 400
const interval = 300

/**
 * One client of a large topic leaves and joins in turn; what it costs to tell all others, frame by frame. Headcount and the peers
 * are set to an interval of 300 ms, so that there is something to measure; the floor sends as many bytes as Headcount does.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const fanout = {
  name: 'fanout',
  what: 'CPU of the server for each frame that it tells N clients of one topic',
  unit: 'clients',
  sizes: [9900],
  quick: 500,
  systems: () => ['headcount', 'socketio-fair', 'ws-fair', 'floor'],
  async run(bench, system, size) {
    const { fleet, quick } = bench
    const times = quick ? 4 : 12
    const framesPerSecond = Math.ceil((size * 1000) / interval)
    const server = {
      env: { BENCH_FRAMES_PER_SECOND: String(framesPerSecond) },
      ...(system === 'headcount' ? { config: { flush: { framesPerSecond } } } : {}),
      ...(system === 'floor' ? { args: [String(every), String(diffBytes(size))] } : {}),
    }
    const trial = await Trial.begin(bench, system, { topics: 1, server })
    try {
      // The last one is the one that comes and goes.
      const { missing } = await fleet.burst({ from: 0, to: size + 1, ...gently })
      const begun = system === 'floor' ? { wrong: 0, off: 0, lost: 0 } : await trial.settle()
      await sleep(1000)
      const before = await trial.mark()
      if (system === 'floor') {
        trial.signal('SIGUSR1')
        await sleep(every * times + every / 2)
      } else await fleet.toggle({ index: size, times, every })
      const spent = await trial.since(before)
      const rounds = spent.frames / size
      const { cpu, frames, bytes } = spent
      return { ...spent, ...begun, missing, rounds, cpuEach: (cpu / frames) * 1e6, bytesEach: bytes / frames }
    } finally {
      await trial.end()
    }
  },
}
