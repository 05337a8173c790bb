import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { operatorKey } from './metrics.mjs'
import { isReady, Service, startOnFreePort } from './service.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const headcount = fileURLToPath(new URL('../../packages/headcount/bin/headcount.js', import.meta.url))

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env] Added to the environment of this process, without its HEADCOUNT_ variables.
 * @property {string} [cwd] The root of the repo by default.
 * @property {readonly string[]} [nodeFlags]
 * @property {readonly string[]} [launcher] A command that runs node: `['taskset', '-c', '1']`.
 *
 * @typedef {RunOptions & { config?: object }} ServerOptions The content of a config file.
 */

/** Runs the built `headcount` command. @param {readonly string[]} args @param {RunOptions} [options] */
export function runHeadcount(args, { env = {}, cwd = root, nodeFlags = [], launcher = [] } = {}) {
  const [command = '', ...rest] = [...launcher, process.execPath, ...nodeFlags, headcount, ...args]
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HEADCOUNT_|VITEST|NODE_)/.test(name))
  const all = { ...Object.fromEntries(inherited), HEADCOUNT_OPERATOR_KEY: operatorKey, ...env }
  return new Child(command, rest, { cwd, env: all })
}

/** @typedef {Awaited<ReturnType<typeof startServer>>} HeadcountServer */

/**
 * Starts `headcount serve` on a free port of 127.0.0.1. Resolves when `/readyz` answers 200.
 *
 * @param {readonly string[]} [args] Flags of `headcount serve`.
 * @param {ServerOptions} [options]
 */
export function startServer(args = [], { config, ...options } = {}) {
  const flags = [...(config === undefined ? [] : ['--config', fileOf(config)]), ...args]
  return startOnFreePort((port) => {
    const url = `http://127.0.0.1:${port}`
    const launch = () =>
      runHeadcount(['serve', '--port', String(port), '--host', '127.0.0.1', '--drain-delay', '0', ...flags], options)
    return Object.assign(new Service(port, launch, () => isReady(`${url}/readyz`)), { url })
  })
}

let files = 0
/** Of config files. It is removed when this process exits. @type {string | undefined} */
let folder

/** Writes a config file. @param {object} config @returns Its path. */
function fileOf(config) {
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'headcount-config-'))
    process.once('exit', () => rmSync(created, { recursive: true, force: true }))
    folder = created
  }
  const path = join(folder, `${++files}.json`)
  writeFileSync(path, JSON.stringify(config))
  return path
}
