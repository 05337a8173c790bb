import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/**
 * A program that tests need besides Node.
 *
 * @typedef {object} Program
 * @property {string} name For messages: `a Redis server`.
 * @property {(env?: NodeJS.ProcessEnv) => string | undefined} find Its path, or undefined if it is not installed.
 * @property {string} debian The Debian package.
 * @property {string} [service] The service that the Debian package starts, and tests do not need.
 * @property {string} install How to install it elsewhere, in one line.
 */

/** @satisfies {Record<string, Program>} */
export const programs = {
  redis: program(
    'a Redis server',
    ['redis-server', 'valkey-server'],
    'redis-server',
    'install redis-server or valkey-server (macOS: brew install redis)',
  ),
  chromium: {
    name: 'a Chromium browser',
    find: (env = process.env) => {
      const { CHROMIUM_PATH: path } = env
      if (path === undefined) {
        const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
        return findOnPath(names, env) ?? applications.find(isProgram)
      }
      if (isProgram(path)) return path
      throw new Error(`CHROMIUM_PATH: expected the path of a program, got ${JSON.stringify(path)}`)
    },
    debian: 'chromium',
    install: 'install Chromium or Google Chrome, or set CHROMIUM_PATH',
  },
  nginx: program('nginx', ['nginx'], 'nginx-light', 'install nginx (macOS: brew install nginx)'),
  haproxy: program('haproxy', ['haproxy'], 'haproxy', 'install haproxy (macOS: brew install haproxy)'),
  caddy: program('caddy', ['caddy'], 'caddy', 'install caddy (macOS: brew install caddy)'),
  systemd: program('systemd-analyze', ['systemd-analyze'], 'systemd', 'it is a part of systemd, on Linux only'),
  promtool: prometheus('promtool', 'promtool', 'promtool, a part of Prometheus'),
  prometheus: prometheus('Prometheus', 'prometheus', 'Prometheus'),
}

/** @typedef {keyof typeof programs} ProgramName */

/** @type {(name: string, names: readonly string[], debian: string, install: string) => Program} */
function program(name, names, debian, install) {
  // Debian installs programs for administrators in a folder that other users do not have in PATH.
  const find = (env = process.env) => findOnPath(names, { ...env, PATH: [env.PATH, '/usr/sbin'].join(delimiter) })
  return { name, find, debian, install }
}

/** @param {string} name @param {string} file @param {string} what @returns {Program} */
function prometheus(name, file, what) {
  const install = `install ${what} (macOS: brew install prometheus)`
  return { ...program(name, [file], 'prometheus', install), service: 'prometheus' }
}

/** @param {ProgramName} program @returns Its path. @throws if it is not installed: the message says how to. */
export function pathOf(program) {
  const { name, find, install } = programs[program]
  const path = find()
  if (path === undefined) throw new Error(`expected ${name}, found none: ${install}`)
  return path
}

/** @param {readonly string[]} names In order of preference. @param {NodeJS.ProcessEnv} env */
function findOnPath(names, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
