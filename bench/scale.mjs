// npm run bench:scale -- 100000: this number of sockets in one topic of one server with workers. Every client must show
// the exact total, and then one more when one more joins. Needs Linux, and about 20 KB of memory per socket.
import { parseArgs } from 'node:util'
import { Fleet } from '../tools/load/fleet.mjs'
import { now, sleep } from '../tools/load/time.mjs'
import { startServer } from '../tools/processes/server.mjs'
import { availableMemory, processTree, pssOf } from './process-stats.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Joins per second. */
    rate: { type: 'string', default: '4000' },
    /** Longest flush interval in ms: two cores cannot send a million frames every two seconds. */
    maximum: { type: 'string', default: '30000' },
  },
})
const secondsSince = (/** @type {number} */ begin) => Math.round((now() - begin) / 100) / 10
const mib = (/** @type {number} */ bytes) => Math.round(bytes / 2 ** 20)

/** Sockets per process: fewer than a process may open files. */
const each = 18_500
const total = Number(positionals[0] ?? 100_000)
const [maximum, rate] = [Number(values.maximum), Number(values.rate)]
const workers = Math.max(2, Math.ceil(total / each))
/** Four minutes: with the usual 30 s, a million clients send 33,000 heartbeats per second. */
const heartbeat = 240_000

const flush = { maximum, framesPerSecond: Math.ceil((each * 1000) / maximum) }
const config = { limits: { pingAfter: 3 * heartbeat }, flush }
const server = await startServer(['--workers', String(workers), '--log-level', 'warn'], { config })
await sleep(2000)
const idle = pssOf(processTree(server.pid))
const available = availableMemory()
console.log(`${total} sockets, ${workers} workers, Node ${process.version}; ready with ${mib(idle)} MiB`)

const joining = { atOnce: 64, within: 3_600_000 }
// The server and the load are killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const fleets = Array.from({ length: Math.ceil(total / each) }, () => new Fleet())
try {
  const options = { urls: [server.url.replace('http', 'ws')], topics: 1, prefix: 'scale:', heartbeat }
  await Promise.all(fleets.map((fleet, part) => fleet.setup({ ...options, part })))
  const begin = now()
  const sizes = fleets.map((_, i) => Math.floor((total + i) / fleets.length))
  await Promise.all(fleets.map((fleet, i) => fleet.grow({ ...joining, to: sizes[i] ?? 0, rate: rate / fleets.length })))
  const joinedIn = secondsSince(begin)
  const full = now()
  await untilAllShow(total)
  const exactIn = secondsSince(full)
  const { counts } = await (await fetch(`${server.url}/api/counts/scale:0`)).json()
  await sleep(3000)
  const used = pssOf(processTree(server.pid))
  const kernel = available - availableMemory() - (used - idle) - pssOf(fleets.map(({ pid }) => pid))
  const sent = now()
  await fleets[0]?.grow({ ...joining, to: (sizes[0] ?? 0) + 1 })
  await untilAllShow(total + 1)
  const result = {
    ...{ joinedIn, exactIn, counts, oneMoreShownIn: secondsSince(sent), serverMiB: mib(used) },
    bytesPerSocket: Math.round((used - idle) / total),
    kernelBytesPerSocketBothEnds: Math.round(kernel / total),
    availableMiB: mib(availableMemory()),
  }
  console.log(JSON.stringify(result, null, 2))
} finally {
  await Promise.all(fleets.map((fleet) => fleet.stop()))
  await server.stop()
}

/** Resolves when every client shows the total; clients that are missing make it wrong. @param {number} truth */
async function untilAllShow(truth) {
  for (const end = now() + 4 * maximum + 120_000; ; await sleep(200)) {
    const parts = await Promise.all(fleets.map((fleet) => fleet.wrong(truth)))
    if (parts.every(({ wrong }) => wrong === 0)) return
    if (now() > end) throw new Error(`some clients are off by ${Math.max(...parts.map(({ off }) => off))}`)
  }
}
