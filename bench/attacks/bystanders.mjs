import { Fleet } from '../../tools/load/fleet.mjs'
import { now, sleep } from '../../tools/load/time.mjs'
import { metric } from '../../tools/processes/metrics.mjs'
import { pin } from '../pin.mjs'
import { filesOf } from '../process-stats.mjs'
import { quantile } from '../statistics.mjs'
import { startSystem } from '../systems.mjs'

/** The secret of the users' tokens. */
const secret = 'the token secret of the attacked server'

/** The limits: how much longer a join may take during an attack, and how much memory may remain after it. */
const maxSlowdown = 3
export const maxGrowth = 1.1

/** Maximum files opened by requests for metrics. */
const ownFiles = 10

/** How long, in ms, the server may take to release closed connections. */
const releaseTime = 10_000

/** With the default limits a session of long polls expires after 15 s. */
const quickPolls = { pollWindow: 2_000, pollMargin: 1_000 }

/** Starts a server, and well-behaved clients in their own topics, ten in each, in a separate process. */
export async function startBystanders({ topics = 10 } = {}) {
  const env = { HEADCOUNT_JWT_SECRET: secret }
  const server = await startSystem('headcount', { env, config: { limits: quickPolls } })
  const http = server.url.replace('ws', 'http')
  const fleet = new Fleet()
  const stop = async () => {
    await fleet.stop()
    await server.stop()
  }
  const port = Number(new URL(server.url).port)
  const size = topics * 10
  pin(0, fleet.pid)
  await fleet.setup({ urls: [server.url], topics, prefix: 'bystanders:' })
  await fleet.grow({ to: size, within: 10_000 })

  const files = filesOf(server.pid) + ownFiles

  const memory = async () => {
    const { 'RSS, MB': RSS, 'heap, MB': heap, 'buffers, MB': buffers } = await server.memory()
    return { RSS, heap: heap + buffers }
  }

  const errors = () => server.log().match(/"level":"error".*/g) ?? []

  /** Waits until only the bystanders are left, and describes what else is left. */
  const rest = async () => {
    const wanted = { sockets: size, channels: size, topics, streams: 0 }
    for (const end = now() + releaseTime; ; await sleep(50)) {
      const names = /** @type {(keyof typeof wanted)[]} */ (Object.keys(wanted))
      const found = await Promise.all(names.map((name) => metric(http, `headcount_${name}`)))
      const wrong = names.flatMap((name, i) => (found[i] === wanted[name] ? [] : [`${found[i]} ${name}`]))
      const more = filesOf(server.pid) - files
      if (more > 0) wrong.push(`${more} more files`)
      if (wrong.length === 0 || now() > end) return wrong
    }
  }

  /**
   * Measures the bystanders while they join and leave, until `act` has ended.
   * @template T
   * @param {(port: number) => Promise<T>} act
   */
  const notice = async (act) => {
    const { lost } = await fleet.tally()
    const logged = errors().length
    let isOver = false
    const acting = act(port).finally(() => {
      isOver = true
    })
    const probes = []
    do probes.push(await fleet.probe({ seconds: 0.5 }))
    while (!isOver)
    const result = await acting
    const left = await rest()
    const { wrong } = await fleet.wrong(undefined)
    const gone = (await fleet.tally()).lost - lost
    const delays = probes.flatMap((probe) => probe.delays)
    const missing = probes.reduce((sum, probe) => sum + probe.missing, 0)
    const problems = [
      ...(probes.at(-1)?.faults ?? []),
      ...errors().slice(logged),
      ...left.map((text) => `${text} afterwards`),
      ...(missing > 0 ? [`${missing} joins not shown`] : []),
      ...(wrong > 0 ? [`${wrong} wrong totals`] : []),
      ...(gone > 0 ? [`${gone} connections lost`] : []),
    ]
    return { p99: quantile(delays, 0.99), joins: delays.length, problems, result }
  }

  /**
   * The cost of an attack to the bystanders and the server: the 99th percentile of the time until all showed a join, in
   * ms; memory after collections, in MB; and the exceeded limits as texts.
   * @template T
   * @param {(port: number) => Promise<T>} attack
   * @param {number} seconds For how long the bystanders are measured without the attack.
   */
  const measure = async (attack, seconds) => {
    const quiet = await notice(() => sleep(seconds * 1000))
    const before = await memory()
    const { result, ...during } = await notice(attack)
    const after = await memory()
    const problems = [...quiet.problems, ...during.problems]
    const isSlow = during.p99 >= maxSlowdown * quiet.p99
    const hasGrown = after.heap > maxGrowth * before.heap
    return {
      quiet: quiet.p99,
      during: during.p99,
      joins: during.joins,
      before,
      after,
      problems,
      isSlow,
      hasGrown,
      result,
    }
  }

  return { port, notice, memory, measure, stop }
}
