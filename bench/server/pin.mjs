import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** Whether processes can be held on one core here: `taskset` is there, and a core for each side. */
export const canPin = (() => {
  if (cpus().length < 2) return false
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/**
 * Holds a process that runs on one core; where that cannot be, does nothing.
 *
 * @param {number} core
 * @param {number} pid
 */
export function pinTo(core, pid) {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}

/**
 * The command that runs a program on one core from its start.
 *
 * @param {number | undefined} core Undefined: on any.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, string[]]}
 */
export function pinned(core, command, args) {
  return canPin && core !== undefined ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]]
}
