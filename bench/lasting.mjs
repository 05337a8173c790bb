// npm run bench:lasting -- --minutes 15: clients that join and leave for a long time. Prints each minute the memory
// after a garbage collection and the number of clients with a wrong total; and what is left after all have left. Exits
// with 1 if a client was wrong or lost, or anything except memory is left.
import { parseArgs } from 'node:util'
import { Fleet } from '../tools/load/fleet.mjs'
import { sleep } from '../tools/load/time.mjs'
import { pin } from './pin.mjs'
import { gently } from './scenarios/scenario.mjs'
import { startSystem } from './systems.mjs'
import { Trial } from './trial.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    clients: { type: 'string', default: '5000' },
    /** The share of the clients that leaves each second and returns. */
    churn: { type: 'string', default: '0.05' },
  },
})
const [minutes, clients, share] = [Number(values.minutes), Number(values.clients), Number(values.churn)]

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const server = await startSystem('headcount', { env: { BENCH_TIMERS: '1' } })
const fleet = new Fleet()
pin(0, fleet.pid)
const trial = new Trial(fleet, server, { topics: Math.ceil(clients / 100) })
let faults = 0
/** @type {{ heap: number, RSS: number }[]} */
const samples = []
try {
  const before = await server.left()
  await trial.begin()
  await fleet.grow({ to: clients, ...gently })
  console.log('| minute | heap, MB | RSS, MB | wrong | lost |\n|---|---|---|---|---|')
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute > 0) await fleet.churn({ share, seconds: 60, within: 30_000 })
    const { wrong, lost } = await trial.settle()
    const memory = await server.memory()
    faults += wrong + lost
    samples.push({ heap: memory['heap, MB'] + memory['buffers, MB'], RSS: memory['RSS, MB'] })
    const [heap, rss] = [samples.at(-1)?.heap.toFixed(1), samples.at(-1)?.RSS.toFixed(1)]
    console.log(`| ${minute} | ${heap} | ${rss} | ${wrong} | ${lost} |`)
  }
  const { changes } = await fleet.tally()
  await fleet.clear()
  await sleep(5_000)
  const after = await server.left()
  const memory = await server.memory()
  // Connections of requests to the server itself may still be open at the start.
  const isClean = after.timers <= before.timers && after.resources.length <= before.resources.length
  console.log(`\n${changes} joins and leaves. After minute 1: heap ${slope('heap')}, RSS ${slope('RSS')} MB a minute.`)
  console.log(`All left: heap ${memory['heap, MB'].toFixed(1)} MB. Before and after:`, before, after)
  process.exitCode = faults === 0 && isClean ? 0 : 1
} finally {
  await fleet.stop()
  await server.stop()
}

/** The slope of a line through the samples, without the first one. @param {'heap' | 'RSS'} of */
function slope(of) {
  const y = samples.slice(1).map((sample) => sample[of])
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, each) => sum + each, 0) / list.length
  const middle = (y.length - 1) / 2
  const spread = mean(y.map((_, i) => (i - middle) ** 2))
  return (mean(y.map((each, i) => (i - middle) * (each - mean(y)))) / spread).toFixed(3)
}
