import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** Permissive licenses. */
const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

/** @typedef {{ license?: string, dependencies?: Record<string, string>, resolved?: string, link?: true }} Locked */

/** @returns {string[]} Each package that a published one installs, and that has another license: `name (license)`. */
export function otherLicenses() {
  const installed = installedWith(...readdirSync(join(root, 'packages')))
  return [...installed].flatMap(([path, license]) => (allowed.includes(license) ? [] : `${path} (${license})`))
}

/**
 * @param {readonly string[]} names Folders of `packages`.
 * @returns The packages of others that npm installs with them, by the lock file: its path of each, and the license.
 */
export function installedWith(...names) {
  /** @type {Record<string, Locked>} */
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const open = new Set(names.map((name) => `packages/${name}`))
  // Further paths are visited as they are added.
  for (const path of open) {
    for (const name of Object.keys(locked[path]?.dependencies ?? {})) {
      const found = [`${path}/node_modules/${name}`, `node_modules/${name}`].find((each) => each in locked)
      if (found === undefined) throw new Error(`expected ${name}, which ${path} needs, in package-lock.json`)
      const { link, resolved = found } = locked[found] ?? {}
      open.add(link ? resolved : found)
    }
  }
  const ofOthers = [...open].filter((path) => path.includes('node_modules/'))
  return new Map(ofOthers.map((path) => [path, String(locked[path]?.license)]))
}
