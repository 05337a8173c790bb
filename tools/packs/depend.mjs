import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes an application depend on the tarballs: those of the listed packages and of those that it depends on already.
 * The packages depend on each other by version, so they are also pinned by `overrides` (npm) and `resolutions` (Yarn).
 * pnpm reads its overrides from `pnpm-workspace.yaml`.
 *
 * @param {string} app The folder of its `package.json`.
 * @param {ReadonlyMap<string, string>} tarballs By package name.
 * @param {{ packages?: readonly string[], pnpm?: boolean }} [options]
 * @throws {Error} in words where the folder has no `package.json`, or there is no such package.
 */
export function dependOn(app, tarballs, { packages = [], pnpm = false } = {}) {
  const file = join(app, 'package.json')
  if (!existsSync(file)) throw new Error(`expected an application in ${app}, got no package.json: npm init makes one`)
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const specs = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]))
  for (const name of packages)
    if (specs[name] === undefined) throw new Error(`no package ${name}, there are ${Object.keys(specs).join(', ')}`)
  const added = Object.fromEntries(packages.map((name) => [name, specs[name]]))
  manifest.dependencies = pin({ ...manifest.dependencies, ...added }, specs)
  if (manifest.devDependencies) manifest.devDependencies = pin(manifest.devDependencies, specs)
  manifest.overrides = { ...manifest.overrides, ...specs }
  manifest.resolutions = { ...manifest.resolutions, ...specs }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
  if (pnpm) writePnpmOverrides(join(app, 'pnpm-workspace.yaml'), specs)
}

/** @param {Record<string, string>} dependencies @param {Record<string, string>} specs */
function pin(dependencies, specs) {
  return Object.fromEntries(Object.entries(dependencies).map(([name, spec]) => [name, specs[name] ?? spec]))
}

/** @param {string} file @param {Record<string, string>} specs */
function writePnpmOverrides(file, specs) {
  const lines = Object.entries(specs).map(([name, spec]) => `  "${name}": "${spec}"`)
  const overrides = ['overrides:', ...lines, ''].join('\n')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (before.includes(overrides)) return
  if (/^overrides:/m.test(before)) throw new Error(`${file} has overrides already. Add these to them:\n${overrides}`)
  writeFileSync(file, before + overrides)
}
