import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repo, where every command runs. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

// Colours are for a person at a terminal.
const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' }

/** @typedef {{ ok: boolean, output: string, seconds: number }} Outcome `output` is empty where it was shown at once. */

/**
 * Runs one command to its end and never throws: a command that cannot be started, or that outlives its `minutes`,
 * is not ok. Its output is kept, or shown at once where `show`.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ minutes?: number, show?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { minutes = 10, show = false, cwd = root, env = {} } = {}) {
  const begun = performance.now()
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...plain, ...env },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const timer = setTimeout(() => {
      output += `\n${command} was ended: expected it to be done within ${minutes} min\n`
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
    }, minutes * 60_000)
    /** @param {boolean} ok */
    const end = (ok) => {
      clearTimeout(timer)
      resolve({ ok, output, seconds: (performance.now() - begun) / 1000 })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      end(false)
    })
    child.once('close', (code) => end(code === 0))
    // A grandchild that lives on may hold the pipes open for ever.
    child.once('exit', (code) => setTimeout(() => end(code === 0), 2000).unref())
  })
}

/**
 * Runs a program that npm installed, with the very Node that runs us.
 *
 * @param {string} script Path of its JavaScript from node_modules.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runNode(script, args, options) {
  return run(process.execPath, [`${root}/node_modules/${script}`, ...args], options)
}
