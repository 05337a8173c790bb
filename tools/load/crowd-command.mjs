// npm run crowd: a crowd in a topic of a running server. `npm run crowd -- --help` lists the flags.
import { parseArgs } from 'node:util'
import { tokenFor } from '../processes/token.mjs'
import { createCrowd } from './crowd.mjs'
import { now, systemClock } from './time.mjs'

const usage = `npm run crowd -- --viewers 300

Opens connections to a server and joins a topic with each, until --duration is over or Ctrl-C.

  --url URL         a server on this machine (ws://127.0.0.1:4000)
  --topic TOPIC     the topic that they join (video:42)
  --viewers N       how many come anonymously (100)
  --users N         how many come signed in (0); needs HEADCOUNT_JWT_SECRET, see below
  --churn SHARE     the share that leaves each second and comes back, 0 to 1 (0)
  --duration TIME   how long they stay, such as 60s or 5m

HEADCOUNT_JWT_SECRET signs the users' tokens: set the same one for the server and for this command.`

/**
 * Runs the command.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} stop The crowd leaves when it aborts.
 * @param {(line: string) => void} print
 * @returns {Promise<boolean>} whether any connection joined.
 * @throws {Error} if a flag is not valid.
 */
export async function crowdCommand(args, env, stop, print) {
  const values = readFlags(args)
  if (values.help) {
    print(usage)
    return true
  }
  const users = Number(values.users)
  const duration = milliseconds(values.duration)
  const url = serverUrl(values.url)
  const crowd = createCrowd({
    url,
    topic: values.topic,
    viewers: Number(values.viewers),
    users,
    churn: Number(values.churn),
    ...(users > 0 && { signToken: signer(env.HEADCOUNT_JWT_SECRET) }),
    random: Math.random,
    clock: systemClock,
  })
  const begin = now()
  let reported = -1
  const report = () => {
    const seconds = Math.floor((now() - begin) / 1000)
    // The end may fall on an interval.
    if (seconds !== reported) print(`${seconds} s: ${sentence(crowd.progress(), url)}`)
    reported = seconds
  }
  const reports = setInterval(report, 5000)
  await new Promise((resolve) => {
    const cancel = duration === undefined ? () => {} : systemClock.after(duration, () => resolve(undefined))
    stop.addEventListener('abort', () => resolve(cancel()))
  })
  clearInterval(reports)
  report()
  const { here, counts } = crowd.progress()
  await crowd.stop()
  const { joins, leaves, failures, reason } = crowd.progress()
  print(`The crowd has left: ${joins} joins, ${leaves} leaves, ${failures} failures.`)
  // Others may be in the topic, too.
  const areViewers = counts?.users?.count === 0 && (counts.viewers?.count ?? 0) >= here.users + here.viewers
  if (here.users > 0 && areViewers)
    print('Users counted as viewers: the server has another HEADCOUNT_JWT_SECRET than this command, or none.')
  if (joins === 0) print(`No connection to ${url} joined: ${reason ?? 'there was no time'}.`)
  return joins > 0
}

const hint = 'Flags follow "--", as in npm run crowd -- --viewers 300; npm run crowd -- --help lists them.'

/** @param {readonly string[]} args */
function readFlags(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string', default: 'ws://127.0.0.1:4000' },
        topic: { type: 'string', default: 'video:42' },
        viewers: { type: 'string', default: '100' },
        users: { type: 'string', default: '0' },
        churn: { type: 'string', default: '0' },
        duration: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${hint}`)
  }
}

/** @param {import('./crowd.mjs').Progress} progress @param {string} url */
function sentence({ wanted, here, counts = {}, failures, reason }, url) {
  const groups = Object.entries(counts).map(([group, { count }]) => `${count} ${group}`)
  const counted = groups.length > 0 ? `; the topic has ${groups.join(', ')}` : ''
  const failed = failures > 0 ? `; ${failures} failures (${url}: ${reason})` : ''
  return `${here.viewers} of ${wanted.viewers} viewers, ${here.users} of ${wanted.users} users${counted}${failed}`
}

/** A crowd is a load: only this machine is allowed. @param {string} given */
function serverUrl(given) {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isLocal = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/.test(url?.hostname ?? '')
  if (url !== undefined && /^(ws|http):$/.test(url.protocol) && isLocal) return url.href.replace(/^http/, 'ws')
  throw new Error(`--url: expected an address of this machine such as ws://127.0.0.1:4000, got "${given}"`)
}

/** @param {string | undefined} secrets The first of a list signs. */
function signer(secrets) {
  const [secret] = secrets?.split(',') ?? []
  if (!secret) throw new Error("HEADCOUNT_JWT_SECRET: expected the server's secret to sign users' tokens, got none")
  return (/** @type {string} */ user) => tokenFor(secret, user)
}

/** @param {string | undefined} text */
function milliseconds(text) {
  if (text === undefined) return undefined
  const [, number = '', unit = ''] = /^(\d+)(s|m|h)$/.exec(text) ?? []
  const ms = { s: 1000, m: 60_000, h: 3_600_000 }[unit]
  if (ms === undefined) throw new Error(`--duration: expected a duration such as 60s or 5m, got "${text}"`)
  return Number(number) * ms
}

if (process.argv[1] === import.meta.filename) {
  const stop = new AbortController()
  // The first signal lets the crowd leave; the next one ends the process.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
  try {
    const joined = await crowdCommand(process.argv.slice(2), process.env, stop.signal, console.log)
    if (!joined) process.exitCode = 1
  } catch (error) {
    console.error(`crowd: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
