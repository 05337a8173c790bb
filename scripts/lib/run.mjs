import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The root of the repo, where every command runs. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

const colors = process.stdout.isTTY ? {} : { NO_COLOR: '1' }

/** @typedef {{ ok: boolean, output: string, seconds: number }} Outcome `output` is empty if it was shown. */

/**
 * Runs a command to its end. Never throws: a command that cannot be started or exceeds its `minutes` is not ok.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ minutes?: number, show?: boolean, low?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options] `show`
 *   writes the output to the console; with `low` others come first where processors are busy.
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { minutes = 10, show = false, low = false, cwd = root, env = {} } = {}) {
  const start = performance.now()
  const stdio = show ? 'inherit' : 'pipe'
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...colors, ...env },
      stdio: ['ignore', stdio, stdio],
    })
    if (low && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const timer = setTimeout(() => {
      output += `\n${command} did not end within ${minutes} min\n`
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
    }, minutes * 60_000)
    /** @param {boolean} ok */
    const end = (ok) => {
      clearTimeout(timer)
      resolve({ ok, output, seconds: (performance.now() - start) / 1000 })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      end(false)
    })
    child.once('close', (code) => end(code === 0))
    // A grandchild that is still running may keep the pipes open.
    child.once('exit', (code) => setTimeout(() => end(code === 0), 2000).unref())
  })
}

/**
 * Runs a program of node_modules with the Node of this process.
 *
 * @param {string} script Its path in node_modules.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runNode(script, args, options) {
  return run(process.execPath, [`${root}/node_modules/${script}`, ...args], options)
}
