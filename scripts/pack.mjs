import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkApplication, dependOn } from '../tools/packs/depend.mjs'
import { packAll } from '../tools/packs/pack.mjs'

const usage = `npm run pack -- ../my-app client react

Makes a tarball of each package in ./packs. With the folder of an application it copies the named packages there, and
those that they need, and makes the application depend on them; without names those that its package.json lists.

  --pnpm  for an application that pnpm installs
  --help  show this help`

try {
  const options = /** @type {const} */ ({ pnpm: { type: 'boolean', default: false }, help: { type: 'boolean' } })
  const { values, positionals } = parseArgs({ allowPositionals: true, options })
  const [app, ...names] = positionals
  const packages = names.map((name) => (name === 'headcount' || name.startsWith('@') ? name : `@headcount/${name}`))
  if (values.help) console.log(usage)
  else pack(app, packages, values.pnpm)
} catch (error) {
  console.error(`pack: ${/** @type {Error} */ (error).message}`)
  process.exitCode = 1
}

/** @param {string | undefined} app @param {readonly string[]} packages @param {boolean} pnpm */
function pack(app, packages, pnpm) {
  if (app !== undefined) checkApplication(resolve(app), packages)
  console.log('Building all packages and packing them …')
  const tarballs = packAll(fileURLToPath(new URL('../packs', import.meta.url)))
  if (app === undefined) for (const path of tarballs.values()) console.log(relative('.', path))
  else {
    const pinned = dependOn(resolve(app), tarballs, { packages, pnpm })
    console.log(`Copied ${pinned.join(', ')} into ${resolve(app, 'packs')}, and listed them in package.json.`)
    console.log(`Commit both. Then run npm, pnpm or yarn install in ${resolve(app)}.`)
  }
}
