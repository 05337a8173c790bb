import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Child } from './child.mjs'
import { pathOf } from './programs.mjs'
import { redisCommand } from './redis-command.mjs'
import { Service, startOnFreePort } from './service.mjs'

/** @typedef {ReturnType<typeof redisServer>} RedisServer */

/**
 * Starts a Redis (or Valkey) server on a free port.
 *
 * @param {readonly string[]} [args] Settings as flags: `['--appendonly', 'yes']`. Nothing is stored on disk by default.
 */
export function startRedis(args) {
  return startOnFreePort((port) => redisServer(port, args))
}

/**
 * A real Redis server with its files in a temporary folder, which a restart keeps. Not started yet.
 *
 * @param {number} port
 * @param {readonly string[]} [args]
 */
export function redisServer(port, args = []) {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-redis-'))
  const files = ['--dir', folder, '--save', '', '--appendonly', 'no']
  const all = ['--port', String(port), '--bind', '127.0.0.1', '--daemonize', 'no', ...files, ...args]
  const launch = () => new Child(pathOf('redis'), all, { cwd: folder })
  const service = new Service(port, launch, (output) => output.includes('eady to accept connections'))
  /** Kills it and removes its folder. */
  const remove = async () => {
    await service.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return Object.assign(service, {
    /** `redis://127.0.0.1:4321` */
    url: `redis://127.0.0.1:${port}`,
    /** @param {readonly string[]} words `await redis.command('DBSIZE')` */
    command: (...words) => redisCommand(port, words),
    /** A child process whose output is every later command, including those run by scripts. */
    monitor: async () => {
      const child = new Child(cliPath(), ['-p', String(port), 'MONITOR'])
      await child.until('MONITOR was accepted', (output) => output.includes('OK'))
      return child
    },
    restartEmpty: async () => {
      await remove()
      mkdirSync(folder)
      await service.start()
    },
    remove,
  })
}

/** @param {readonly string[]} args @returns Output of `redis-cli` (or `valkey-cli`), without the last line break. */
export async function redisCli(...args) {
  const { stdout } = await promisify(execFile)(cliPath(), args, { timeout: 60_000 })
  return stdout.replace(/\n$/, '')
}

function cliPath() {
  return pathOf('redis').replace(/-server$/, '-cli')
}
