import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** @param {string} command @param {readonly string[]} args Whether it exits with code 0. */
export function runs(command, ...args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Whether a process can be pinned to a core: `taskset` is installed, and there are cores for server and load. */
export const canPin = cpus().length >= 2 && runs('taskset', '--version')

/** The command that runs a server on core 1; empty if that cannot be. @type {readonly string[]} */
export const serverLauncher = canPin ? ['taskset', '-c', '1'] : []

/** Pins a process to a core: the load on 0, servers on 1. @param {0 | 1} core @param {number} pid */
export function pin(core, pid) {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}
