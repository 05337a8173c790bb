import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packagesFolder = fileURLToPath(new URL('../../packages', import.meta.url))

/**
 * Checks that the application and the packages exist, before the slow packing.
 *
 * @param {string} app The folder of its `package.json`.
 * @param {readonly string[]} packages
 * @throws {Error} if the folder has no `package.json`, or there is no such package.
 */
export function checkApplication(app, packages) {
  if (!existsSync(join(app, 'package.json')))
    throw new Error(`expected an application in ${app}, got no package.json: npm init makes one`)
  const ours = [...readManifests().keys()]
  for (const name of packages)
    if (!ours.includes(name)) throw new Error(`no package ${name}, there are ${ours.join(', ')}`)
}

/**
 * Makes an application depend on tarballs: those of the listed packages and of those that it depends on already. They
 * are copied into its folder `packs`, with those of the packages that they need in turn. These need each other by
 * version, so all are also pinned by `overrides` (npm) and `resolutions` (Yarn). pnpm reads its overrides from
 * `pnpm-workspace.yaml`.
 *
 * @param {string} app The folder of its `package.json`.
 * @param {ReadonlyMap<string, string>} tarballs The path of each, by package name.
 * @param {{ packages?: readonly string[], pnpm?: boolean }} [options]
 * @returns {string[]} The packages that were pinned.
 */
export function dependOn(app, tarballs, { packages = [], pnpm = false } = {}) {
  checkApplication(app, packages)
  const file = join(app, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const pinned = withNeeded([...packages, ...Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })])
  const specs = Object.fromEntries(
    pinned.map((name) => [name, copyInto(app, /** @type {string} */ (tarballs.get(name)))]),
  )
  const added = Object.fromEntries(packages.map((name) => [name, specs[name]]))
  manifest.dependencies = pin({ ...manifest.dependencies, ...added }, specs)
  if (manifest.devDependencies) manifest.devDependencies = pin(manifest.devDependencies, specs)
  manifest.overrides = { ...manifest.overrides, ...specs }
  manifest.resolutions = { ...manifest.resolutions, ...specs }
  reinstall(app, pinned)
  if (pnpm) writePnpmOverrides(join(app, 'pnpm-workspace.yaml'), specs)
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
  return pinned
}

/** @returns {Map<string, Manifest>} Of our packages, by name. */
function readManifests() {
  const manifests = readdirSync(packagesFolder).map((folder) =>
    JSON.parse(readFileSync(join(packagesFolder, folder, 'package.json'), 'utf8')),
  )
  return new Map(manifests.sort((a, b) => (a.name < b.name ? -1 : 1)).map((manifest) => [manifest.name, manifest]))
}

/** @param {readonly string[]} names @returns {string[]} Those of this repo, and their dependencies in it. */
function withNeeded(names) {
  const manifests = readManifests()
  const needed = new Set()
  /** @param {string} name */
  const add = (name) => {
    const manifest = manifests.get(name)
    if (manifest === undefined || needed.has(name)) return
    needed.add(name)
    for (const other of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) add(other)
  }
  names.forEach(add)
  return [...needed].sort()
}

/** @param {string} app @param {string} tarball @returns {string} The specifier in the application. */
function copyInto(app, tarball) {
  mkdirSync(join(app, 'packs'), { recursive: true })
  copyFileSync(tarball, join(app, 'packs', basename(tarball)))
  return `file:./packs/${basename(tarball)}`
}

/** @param {Record<string, string>} dependencies @param {Record<string, string>} specs */
function pin(dependencies, specs) {
  return Object.fromEntries(Object.entries(dependencies).map(([name, spec]) => [name, specs[name] ?? spec]))
}

/**
 * Makes npm install the packages again: it would keep those of its lock file and of `node_modules`, because the version
 * is the same.
 *
 * @param {string} app @param {readonly string[]} names
 */
function reinstall(app, names) {
  const file = join(app, 'package-lock.json')
  if (!existsSync(file)) return
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  for (const name of names) {
    delete lock.packages?.[`node_modules/${name}`]?.integrity
    rmSync(join(app, 'node_modules', name), { recursive: true, force: true })
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
}

/** @param {string} file @param {Record<string, string>} specs */
function writePnpmOverrides(file, specs) {
  const before = existsSync(file) ? readFileSync(file, 'utf8').replace(/\n?$/, '\n') : ''
  const [block = '', present = ''] = /^overrides:\n((?: .*\n)*)/m.exec(before) ?? []
  const [indent = '  '] = /^ +/.exec(present) ?? []
  const others = present.split('\n').filter((line) => line !== '' && !/^ *"(@headcount\/.*|headcount)":/.test(line))
  const ours = Object.entries(specs).map(([name, spec]) => `${indent}"${name}": "${spec}"`)
  const overrides = ['overrides:', ...others, ...ours, ''].join('\n')
  if (block === '' && /^overrides:/m.test(before))
    throw new Error(`${file} has overrides on one line. Add these to them:\n${overrides}`)
  writeFileSync(file, block === '' ? before + overrides : before.replace(block, () => overrides))
}

/** @typedef {{ name: string, dependencies?: object, peerDependencies?: object }} Manifest */
