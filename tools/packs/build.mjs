import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the published packages with their bundles. Writes to stderr, because `npm pack --json` writes to stdout. */
export function buildPackages() {
  const folders = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  )
  const bundlers = folders.map((folder) => join(folder, 'build.mjs')).filter((file) => existsSync(join(root, file)))
  for (const args of [['node_modules/typescript/bin/tsc', '-b'], ...bundlers.map((file) => [file])])
    execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
}
