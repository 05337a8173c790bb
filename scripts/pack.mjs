// Makes a tarball of each package in ./packs: `npm run pack`.
// With the folder of an application it also makes the application depend on them:
// `npm run pack -- ../my-app client react`, and for pnpm `npm run pack -- --pnpm ../my-app client react`.
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dependOn } from '../tools/packs/depend.mjs'
import { packAll } from '../tools/packs/pack.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { pnpm: { type: 'boolean' } } })
const [app, ...names] = positionals

const tarballs = packAll(fileURLToPath(new URL('../packs', import.meta.url)))
for (const path of tarballs.values()) console.log(relative('.', path))
if (app !== undefined) {
  const packages = names.map((name) => (name === 'headcount' || name.startsWith('@') ? name : `@headcount/${name}`))
  try {
    dependOn(resolve(app), tarballs, { packages, pnpm: values.pnpm ?? false })
    console.log(`\n${resolve(app, 'package.json')} depends on them. Run npm, pnpm or yarn install there.`)
  } catch (error) {
    console.error(`pack: ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}
