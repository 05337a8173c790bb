import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { floorCommand } from '../server/floor.mjs'
import { canPin } from '../server/pin.mjs'
import { redisProgram } from '../server/redis.mjs'

/** What the figures were measured on, and with. */
export function machine() {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    pinned: canPin,
    floor: floorCommand().kind,
    versions: {
      headcount: versionOf('@headcount/server'),
      'socket.io': versionOf('socket.io'),
      ws: versionOf('ws'),
      redis: redisVersion(),
    },
  }
}

/** @param {string} name */
function versionOf(name) {
  const file = new URL(import.meta.resolve(`${name}/package.json`))
  return String(JSON.parse(readFileSync(file, 'utf8')).version)
}

function redisVersion() {
  if (redisProgram === undefined) return 'none'
  const said = execFileSync(redisProgram, ['--version'], { encoding: 'utf8' })
  return /v=(\S+)/.exec(said)?.[1] ?? said.trim()
}
