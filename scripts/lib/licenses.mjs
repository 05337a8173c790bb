import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** Permissive licenses. */
const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

/** @typedef {{ license?: string, dependencies?: Record<string, string> }} Locked */

/** @returns {string[]} Each package that a published one installs, and that has another license: `name (license)`. */
export function otherLicenses() {
  /** @type {Record<string, Locked>} */
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const open = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
  const seen = new Set(open)
  for (const path of open) {
    for (const name of Object.keys(locked[path]?.dependencies ?? {})) {
      const found = [`${path}/node_modules/${name}`, `node_modules/${name}`].find((each) => each in locked)
      if (found === undefined) throw new Error(`expected ${name}, which ${path} needs, in package-lock.json`)
      if (seen.has(found) || name.startsWith('@headcount/')) continue
      seen.add(found)
      open.push(found)
    }
  }
  return open
    .filter((path) => path.includes('node_modules/') && !allowed.includes(locked[path]?.license ?? ''))
    .map((path) => `${path} (${locked[path]?.license})`)
}
