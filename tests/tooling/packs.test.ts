import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dependOn } from '@headcount/tools/packs/depend.mjs'
import { Child } from '@headcount/tools/processes/child.mjs'
import { expect, it } from 'vitest'
import { testFolder } from '../support/test-folder.js'

const script = fileURLToPath(new URL('../../scripts/pack.mjs', import.meta.url))
const all = 'client core element protocol react redis redux server svelte testing vue webhooks'.split(' ')

/** An application, and files instead of the tarballs: their content does not matter here. */
function makeApp(manifest: object) {
  const folder = testFolder()
  const [app, packs] = [join(folder, 'app'), join(folder, 'packs')]
  mkdirSync(app)
  mkdirSync(packs)
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest))
  const names = [...all.map((name) => `@headcount/${name}`), 'headcount']
  const tarballs = new Map(names.map((name) => [name, join(packs, `${name.replace(/\W+/g, '-')}.tgz`)]))
  for (const path of tarballs.values()) writeFileSync(path, '')
  const read = (name: string) => readFileSync(join(app, name), 'utf8')
  return { app, tarballs, read, manifest: () => JSON.parse(read('package.json')) }
}

/** The specifiers of this repo's tarballs in the application. */
function specs(...names: string[]) {
  return Object.fromEntries(names.map((name) => [`@headcount/${name}`, `file:./packs/-headcount-${name}.tgz`]))
}

it('copies and pins the named packages and their dependencies, with paths in the application', () => {
  const { app, tarballs, manifest } = makeApp({ dependencies: { hono: '4' }, overrides: { hono: '4' } })
  dependOn(app, tarballs, { packages: ['@headcount/react'] })
  const pinned = specs('client', 'protocol', 'react')
  expect(manifest()).toEqual({
    dependencies: { hono: '4', ...specs('react') },
    overrides: { hono: '4', ...pinned },
    resolutions: pinned,
  })
  expect(readdirSync(join(app, 'packs'))).toEqual(
    ['client', 'protocol', 'react'].map((name) => `-headcount-${name}.tgz`),
  )
})

it('pins the existing dependencies of the application', () => {
  const { app, tarballs, manifest } = makeApp({ devDependencies: { '@headcount/client': '0.1.0' } })
  dependOn(app, tarballs)
  expect(manifest().devDependencies).toEqual(specs('client'))
  expect(manifest().overrides).toEqual(specs('client', 'protocol'))
})

it('makes npm install tarballs of the same version again', () => {
  const { app, tarballs, read } = makeApp({})
  const locked = { version: '0.1.0', integrity: 'sha512-old' }
  const lockOf = (ours: object) => ({
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/@headcount/protocol': ours, 'node_modules/hono': locked },
  })
  writeFileSync(join(app, 'package-lock.json'), JSON.stringify(lockOf(locked)))
  for (const name of ['@headcount/protocol', 'hono']) mkdirSync(join(app, 'node_modules', name), { recursive: true })
  dependOn(app, tarballs, { packages: ['@headcount/client'] })
  expect(JSON.parse(read('package-lock.json'))).toEqual(lockOf({ version: '0.1.0' }))
  expect(readdirSync(join(app, 'node_modules'), { recursive: true })).toEqual(['@headcount', 'hono'])
})

it('keeps overrides of pnpm, and adds packages to those that it wrote', () => {
  const { app, tarballs, read } = makeApp({})
  writeFileSync(join(app, 'pnpm-workspace.yaml'), 'overrides:\n    hono: "4"\npackages: [.]\n')
  dependOn(app, tarballs, { packages: ['@headcount/client'], pnpm: true })
  dependOn(app, tarballs, { packages: ['@headcount/vue'], pnpm: true })
  const lines = Object.entries(specs('client', 'protocol', 'vue')).map(([name, spec]) => `    "${name}": "${spec}"\n`)
  expect(read('pnpm-workspace.yaml')).toBe(`overrides:\n    hono: "4"\n${lines.join('')}packages: [.]\n`)
})

it.each([
  [['/nowhere', 'client'], 'pack: expected an application in /nowhere, got no package.json: npm init makes one'],
  [[fileURLToPath(new URL('../..', import.meta.url)), 'clinet'], 'pack: no package @headcount/clinet, there are '],
  [['--pnmp'], "pack: Unknown option '--pnmp'."],
])('says in words why it cannot pack for %j, before it builds anything', async (args, message) => {
  const child = new Child(process.execPath, [script, ...args])
  const { code } = await child.exited
  expect(code).toBe(1)
  expect(child.output).toContain(message)
  expect(child.output).not.toContain('Building')
})
