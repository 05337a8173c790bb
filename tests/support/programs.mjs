import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The programs the tests need beside Node: where they are on this machine, and what brings them.
 *
 * @typedef {object} Program
 * @property {string} what What is missing, in a person's words.
 * @property {(env?: NodeJS.ProcessEnv) => string | undefined} find Its path, or undefined where the machine has none.
 * @property {string} debian The Debian package that brings it.
 * @property {string} install One line that says what to install anywhere else.
 */

/** @satisfies {Record<string, Program>} */
export const programs = {
  redis: {
    what: 'a Redis server',
    find: (env = process.env) => onPath(['redis-server', 'valkey-server'], env),
    debian: 'redis-server',
    install: 'install redis-server or valkey-server (macOS: brew install redis)',
  },
  chromium: {
    what: 'a Chromium browser',
    find: (env = process.env) => {
      if (env.CHROMIUM_PATH !== undefined) return given('CHROMIUM_PATH', env.CHROMIUM_PATH)
      return onPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], env) ?? apps(env)
    },
    debian: 'chromium',
    install: 'install Chromium or Google Chrome, or name one in CHROMIUM_PATH',
  },
}

/** @typedef {keyof typeof programs} ProgramName */

/**
 * @param {readonly string[]} names In the order of preference.
 * @param {NodeJS.ProcessEnv} env
 */
function onPath(names, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

/** @param {NodeJS.ProcessEnv} env */
function apps(env) {
  const windows = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((folder) => folder)
  return [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...windows.map((folder) => `${folder}\\Google\\Chrome\\Application\\chrome.exe`),
  ].find(isProgram)
}

/**
 * @param {string} setting
 * @param {string} path
 */
function given(setting, path) {
  if (!isProgram(path)) throw new Error(`${setting}: expected the path of a program, got ${JSON.stringify(path)}`)
  return path
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
