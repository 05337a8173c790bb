import { execFileSync } from 'node:child_process'
import { freePort, Running } from './start.mjs'

/** The Redis server of this machine, if it has one. */
export const redisProgram = ['redis-server', 'valkey-server'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

/** A Redis of its own, with nothing on disk. */
export async function startRedis() {
  if (redisProgram === undefined) throw new Error('expected redis-server or valkey-server, got neither')
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const redis = new Running('Redis', port, redisProgram, args, {})
  await redis.until((output) => output.includes('eady to accept connections'))
  return redis
}

/**
 * What Redis itself has counted so far: commands that came over a connection, those that scripts ran beside them, and bytes in
 * and out.
 *
 * @param {number} port
 */
export function redisCounts(port) {
  const cli = redisProgram?.replace('-server', '-cli') ?? 'redis-cli'
  const ask = (/** @type {string} */ section) =>
    execFileSync(cli, ['-p', String(port), 'INFO', section], { encoding: 'utf8' })
  const calls = [...ask('commandstats').matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
  // Asked by this function alone.
  const others = calls.filter(([, name]) => name !== 'info' && name !== 'command')
  const all = others.reduce((sum, [, , count]) => sum + Number(count), 0)
  const sent = others.filter(([, name]) => overConnections.has(name ?? ''))
  const stats = ask('stats')
  /** @param {string} name */
  const stat = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1] ?? Number.NaN)
  return {
    sent: sent.reduce((sum, [, , count]) => sum + Number(count), 0),
    all,
    bytes: stat('total_net_input_bytes') + stat('total_net_output_bytes'),
  }
}

/** What Headcount sends; all else runs within its scripts. */
const overConnections = new Set([
  'evalsha',
  'eval',
  'ssubscribe',
  'sunsubscribe',
  'subscribe',
  'unsubscribe',
  'ping',
  'hello',
])
