import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackages } from './build.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds all packages and makes a tarball of each, as npm would publish it.
 *
 * @param {string} folder Is emptied first.
 * @returns {Map<string, string>} The path of each tarball, by package name.
 */
export function packAll(folder) {
  const packages = readdirSync(join(root, 'packages')).sort()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // The work of `prepack`, once for all packages.
  buildPackages()
  for (const name of packages) copyFileSync(join(root, 'LICENSE'), join(root, 'packages', name, 'LICENSE'))
  const workspaces = packages.map((name) => `--workspace=packages/${name}`)
  const args = ['pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`, ...workspaces]
  const packed = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }))
  return new Map(packed.map((/** @type {Packed} */ { name, filename }) => [name, join(folder, filename)]))
}

/** @typedef {{ name: string, filename: string }} Packed */
