// `npm run demo:cluster`: a Redis, three replicas and a balancer, to break and to mend while the page shows it.
// Flags: --port N (4000; 0 takes a free one), --no-build (what was built before), --no-open (no browser).
import { parseArgs } from 'node:util'
import { programs } from '../tests/support/programs.mjs'
import { Balancer } from './cluster/balancer.mjs'
import { Cluster } from './cluster/cluster.mjs'
import { obey } from './cluster/commands.mjs'
import { Feed } from './cluster/feed.mjs'
import { Guard } from './cluster/guard.mjs'
import { feedPath } from './cluster/page.mjs'
import { Terminal } from './cluster/terminal.mjs'
import { told, welcome } from './cluster/told.mjs'
import { whenNpmEnds } from './lib/npm.mjs'
import { run } from './lib/run.mjs'

const size = 3
/** How long, in ms, the way out may take before what is left is ended at once. */
const longestEnd = 12_000

const { port, build, open } = settings()
const redis = programs.redis.find() ?? fail(`expected ${programs.redis.what}, got none: ${programs.redis.install}`)
if (build) {
  console.log('Building …')
  const { ok, output } = await run('npm', ['run', '--silent', 'build'])
  if (!ok) fail(`expected a build, got this:\n${output}`)
}

const guard = new Guard()
const cluster = new Cluster({ size, redis, guard })
const feed = new Feed(cluster)
const balancer = new Balancer(cluster, (request, response) => {
  if (request.url !== feedPath || request.method !== 'GET') return false
  feed.answer(response)
  return true
})
let ending = false
const terminal = new Terminal({ line: typed, interrupt: () => void end() })

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => void end())
whenNpmEnds(() => void (ending || end()))
// The guard ends what runs; the reason is for a person.
process.on('uncaughtException', (error) => fail(error.stack ?? error.message))

try {
  const taken = await balancer.listen(port)
  console.log('Starting Redis, three replicas and a crowd …')
  await cluster.start(`ws://127.0.0.1:${taken}`)
  const url = `http://localhost:${taken}`
  terminal.say(welcome(cluster, url))
  tellChanges()
  terminal.prompt()
  if (open) terminal.open(url)
} catch (error) {
  // On the way out what was about to start does not.
  if (!ending) fail(explain(error))
}

/** @param {string} line */
async function typed(line) {
  if (/^\s*(quit|exit|q)\s*$/i.test(line)) return void end()
  const answer = await obey(cluster, line)
  if (answer !== undefined) terminal.say(answer)
}

function tellChanges() {
  const states = new Map(cluster.members.map((member) => [member, member.state]))
  cluster.on('change', (member) => {
    if (ending || states.get(member) === member.state) return
    states.set(member, member.state)
    const line = told(member)
    if (line !== undefined) terminal.say(line)
  })
  for (const replica of cluster.replicas) replica.on('line', (line) => terminal.say(`${replica.name}: ${line}`))
}

/** Ends everything in order. A second wish ends it at once. */
async function end() {
  if (ending) process.exit(1)
  ending = true
  terminal.close()
  console.log('Ending the replicas and Redis …')
  setTimeout(() => process.exit(1), longestEnd).unref()
  feed.close()
  balancer.close()
  await cluster.stop()
  balancer.end()
  guard.close()
  process.exit(0)
}

function settings() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4000' },
        build: { type: 'boolean', default: true },
        open: { type: 'boolean', default: true },
      },
      allowNegative: true,
    })
    const port = Number(values.port)
    if (!/^\d+$/.test(values.port) || port > 65_535) {
      fail(`--port: expected a whole number from 0 to 65535, got ${values.port}`)
    }
    return { ...values, port }
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof Error)) return String(error)
  const { code } = /** @type {NodeJS.ErrnoException} */ (error)
  return code === 'EADDRINUSE'
    ? `--port ${port}: expected a free port, got one that another program listens on`
    : error.message
}

/** @param {string} reason @returns {never} */
function fail(reason) {
  console.error(`demo:cluster: ${reason}`)
  process.exit(1)
}
