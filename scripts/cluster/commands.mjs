/**
 * @typedef {import('./cluster.mjs').Cluster} Cluster
 * @typedef {import('./replica.mjs').Replica} Replica
 * @typedef {import('./redis.mjs').Redis} Redis
 */

/** What may be done to a member, and in which words. */
const verbs = {
  kill: 'ends it at once (SIGKILL), as a crash does',
  stop: 'drains it (SIGTERM), as a deploy does',
  pause: 'holds it still (SIGSTOP), as a machine that hangs does',
  resume: 'lets it go on (SIGCONT)',
  start: 'starts it again',
}
const signals = /** @type {const} */ ({
  kill: 'SIGKILL',
  stop: 'SIGTERM',
  pause: 'SIGSTOP',
  resume: 'SIGCONT',
})

export const help = [
  ...Object.entries(verbs).map(([verb, what]) => `  ${`${verb} 2`.padEnd(12)}${what}`),
  '  redis stop  the same five words for Redis: redis stop, redis start, redis pause, …',
  '  status      how everything is, with pids for a kill from another terminal',
  '  quit        ends everything (so does Ctrl-C)',
].join('\n')

/**
 * Does what was typed: `kill 2`, `2 kill`, `redis stop`.
 *
 * @param {Cluster} cluster
 * @param {string} line
 * @returns {Promise<string | undefined>} What to say to it; what it brings about is told by the cluster.
 */
export async function obey(cluster, line) {
  const words = line.trim().toLowerCase().split(/\s+/)
  if (words[0] === 'help' || words[0] === '?') return help
  if (words[0] === 'status') return status(cluster)
  const verb = words.find((word) => Object.hasOwn(verbs, word))
  const names = words.filter((word) => word !== verb && word !== 'replica')
  if (verb === undefined || names.length !== 1 || words.length > 3) {
    return `expected a command, such as "kill 2", got ${JSON.stringify(line.trim())}; "help" lists them`
  }
  const [name] = names
  const member = name === 'redis' ? cluster.redis : cluster.replicas.find(({ number }) => `${number}` === name)
  if (member === undefined) {
    const expected = `1 to ${cluster.replicas.length}, or redis`
    return `${verb}: expected ${expected}, got ${JSON.stringify(name)}`
  }
  if (verb === 'start') return member.running ? `${member.name} runs already` : begin(member)
  if (!member.running) return `${member.name} does not run; "start ${name}" starts it`
  member.signal(signals[/** @type {keyof typeof signals} */ (verb)])
  return undefined
}

/** @param {Replica | Redis} member */
async function begin(member) {
  try {
    await member.start()
    return undefined
  } catch (error) {
    return `${member.name} does not start: ${error instanceof Error ? error.message : error}`
  }
}

/** @param {Cluster} cluster */
export function status({ members, crowd }) {
  return [...members, crowd]
    .map((member) => {
      const pid = member.running ? `pid ${member.pid}` : ''
      return `  ${member.name.padEnd(12)}${pid.padEnd(14)}${stateOf(member)}`
    })
    .join('\n')
}

/** @param {Replica | Redis} member */
function stateOf(member) {
  // The crowd has a server of its own, which nobody comes to.
  const shown = 'sockets' in member && member.number > 0
  if (!shown || ['gone', 'starting', 'paused'].includes(member.state)) return member.state
  const address = `http://localhost:${member.port}`
  return `${member.state.padEnd(10)}${address}, ${member.sockets} socket${member.sockets === 1 ? '' : 's'}`
}
