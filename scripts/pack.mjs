// Makes a tarball of each package in ./packs: `npm run pack`.
// With the folder of an application it copies those that are needed there, and makes the application depend on them:
// `npm run pack -- ../my-app client react`, and for pnpm `npm run pack -- --pnpm ../my-app client react`.
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkApplication, dependOn } from '../tools/packs/depend.mjs'
import { packAll } from '../tools/packs/pack.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { pnpm: { type: 'boolean' } } })
const [app, ...names] = positionals
const packages = names.map((name) => (name === 'headcount' || name.startsWith('@') ? name : `@headcount/${name}`))
try {
  if (app !== undefined) checkApplication(resolve(app), packages)
  console.log('Building all packages and packing them …')
  const tarballs = packAll(fileURLToPath(new URL('../packs', import.meta.url)))
  if (app === undefined) for (const path of tarballs.values()) console.log(relative('.', path))
  else {
    const pinned = dependOn(resolve(app), tarballs, { packages, pnpm: values.pnpm ?? false })
    console.log(`Copied ${pinned.join(', ')} into ${resolve(app, 'packs')}, and listed them in package.json.`)
    console.log(`Commit both. Then run npm, pnpm or yarn install in ${resolve(app)}.`)
  }
} catch (error) {
  console.error(`pack: ${/** @type {Error} */ (error).message}`)
  process.exitCode = 1
}
