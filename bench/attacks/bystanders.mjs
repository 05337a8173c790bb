import { Fleet } from '../../tools/load/fleet.mjs'
import { now, sleep } from '../../tools/load/time.mjs'
import { metric } from '../../tools/processes/metrics.mjs'
import { pin } from '../pin.mjs'
import { quantile } from '../statistics.mjs'
import { startSystem } from '../systems.mjs'

/** The secret of the users' tokens. */
const secret = 'the token secret of the attacked server'

/** How long, in ms, the server may take to forget connections that have ended. */
const forgetting = 20_000

/** @typedef {Awaited<ReturnType<typeof startBystanders>>} Bystanders */

/** Starts a server, and well-behaved clients in topics of their own: ten in each, in a process of their own. */
export async function startBystanders({ topics = 10 } = {}) {
  const server = await startSystem('headcount', { env: { HEADCOUNT_JWT_SECRET: secret } })
  const http = server.url.replace('ws', 'http')
  const fleet = new Fleet()
  const stop = async () => {
    await fleet.stop()
    await server.stop()
  }
  const size = topics * 10
  pin(0, fleet.pid)
  await fleet.setup({ urls: [server.url], topics, prefix: 'bystanders:' })
  await fleet.grow({ to: size, within: 10_000 })

  /** Waits until only the bystanders are left, and returns what else there is, in words. */
  const rest = async () => {
    const wanted = { sockets: size, channels: size, topics, streams: 0 }
    for (const end = now() + forgetting; ; await sleep(50)) {
      const names = /** @type {(keyof typeof wanted)[]} */ (Object.keys(wanted))
      const found = await Promise.all(names.map((name) => metric(http, `headcount_${name}`)))
      const wrong = names.flatMap((name, i) => (found[i] === wanted[name] ? [] : [`${found[i]} ${name}`]))
      if (wrong.length === 0 || now() > end) return wrong
    }
  }

  /** What the bystanders noticed while they joined and left for some seconds, and something ran beside them. */
  const probe = async (/** @type {number} */ seconds, act = async () => {}) => {
    const { lost } = await fleet.tally()
    const [{ delays, missing, faults }] = await Promise.all([fleet.probe({ seconds }), act()])
    const left = await rest()
    const { wrong } = await fleet.wrong(undefined)
    const gone = (await fleet.tally()).lost - lost
    const problems = [
      ...faults,
      ...left.map((text) => `${text} afterwards`),
      ...(missing > 0 ? [`${missing} joins not shown`] : []),
      ...(wrong > 0 ? [`${wrong} wrong totals`] : []),
      ...(gone > 0 ? [`${gone} connections lost`] : []),
    ]
    return { p99: quantile(delays, 0.99), joins: delays.length, problems }
  }

  /**
   * What an attack costs the bystanders and the server.
   * @param {number} seconds
   * @param {(port: number) => Promise<void>} attack Ends after so many seconds.
   */
  const measure = async (seconds, attack) => {
    const quiet = await probe(seconds)
    const before = await server.memory()
    const during = await probe(seconds, () => attack(Number(new URL(server.url).port)))
    const after = await server.memory()
    return {
      quiet,
      during,
      before: inMb(before),
      after: inMb(after),
      problems: [...quiet.problems, ...during.problems],
    }
  }

  return { measure, stop, probe }
}

/** @param {Awaited<ReturnType<Awaited<ReturnType<typeof startSystem>>['memory']>>} memory */
const inMb = (memory) => ({ heap: memory['heap, MB'] + memory['buffers, MB'], RSS: memory['RSS, MB'] })
