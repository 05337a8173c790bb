// npm run bench:dashboard -- 100000 50000: the cost of one open dashboard for a server with these numbers of sockets
// and topics: its CPU while the page is open, minus that while it is closed, alternating. Needs Linux and Chromium.
import { parseArgs } from 'node:util'
import { Fleet } from '../tools/load/fleet.mjs'
import { sleep } from '../tools/load/time.mjs'
import { launchChromium } from '../tools/processes/chromium.mjs'
import { operatorKey } from '../tools/processes/metrics.mjs'
import { startServer } from '../tools/processes/server.mjs'
import { cpuOf, processTree } from './process-stats.mjs'
import { quantile } from './statistics.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How often the page is opened and closed. */
    repeats: { type: 'string', default: '5' },
    /** The seconds of each phase. */
    seconds: { type: 'string', default: '20' },
    /** The file of a screenshot. */
    screenshot: { type: 'string' },
  },
})
const [total = 100_000, topics = 50_000] = positionals.map(Number)
const [repeats, seconds] = [Number(values.repeats), Number(values.seconds)]
/** Sockets per process: fewer than a process may open files. */
const each = 18_500
const parts = Math.ceil(total / each)
/** No heartbeats during the measurement: they cost more than the page. */
const heartbeat = 3_600_000

const config = { limits: { pingAfter: 3 * heartbeat } }
const server = await startServer(['--workers', String(parts), '--log-level', 'warn'], { config })
const fleets = Array.from({ length: parts }, () => new Fleet())
const browser = await launchChromium()
// The server and the load are killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
try {
  const options = { urls: [server.url.replace('http', 'ws')], topics: Math.ceil(topics / parts), heartbeat }
  await Promise.all(fleets.map((fleet, part) => fleet.setup({ ...options, part, prefix: `busy:${part}:` })))
  const sizes = fleets.map((_, i) => Math.floor((total + i) / parts))
  const joining = { atOnce: 64, rate: 4_000 / parts, within: 600_000 }
  const missing = await Promise.all(fleets.map((fleet, i) => fleet.grow({ ...joining, to: sizes[i] ?? 0 })))
  if (missing.some(Boolean)) throw new Error(`${missing.reduce((sum, one) => sum + one)} clients did not join`)
  // V8 collects what the joins have left behind.
  await sleep(120_000)
  console.log(`${total} sockets, ${topics} topics, ${parts} workers, Node ${process.version}`)

  const costs = []
  const shown = []
  for (let i = 0; i < repeats; i++) {
    const closed = await share()
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${server.url}/dashboard#key=${operatorKey}`)
    await page.getByText(/^The \d+ busiest topics/).waitFor()
    shown.push(await page.evaluate('performance.now()'))
    const open = await share()
    if (i === 0 && values.screenshot !== undefined) await page.screenshot({ path: values.screenshot, fullPage: true })
    await page.close()
    costs.push(open - closed)
    console.log(`server CPU, % of a core: closed ${percent(closed)}, open ${percent(open)}`)
  }
  const figures = (/** @type {number[]} */ all, /** @type {(n: number) => string} */ text) =>
    `${text(quantile(all, 0.5))} (${text(Math.min(...all))} to ${text(Math.max(...all))})`
  console.log(`An open dashboard costs the server ${figures(costs, percent)} % of a core.`)
  console.log(`It shows the busiest topics ${figures(shown, (ms) => ms.toFixed(0))} ms after it is opened.`)
} finally {
  await browser.close()
  await Promise.all(fleets.map((fleet) => fleet.stop()))
  await server.stop()
}

/** The server's CPU over the next seconds, as a share of one core. */
async function share() {
  const used = () => processTree(server.pid).reduce((sum, pid) => sum + cpuOf(pid), 0)
  const [begin, before] = [performance.now(), used()]
  await sleep(seconds * 1000)
  return (used() - before) / ((performance.now() - begin) / 1000)
}

/** @param {number} share */
function percent(share) {
  return (share * 100).toFixed(2)
}
