// Runs in a package's folder before npm packs it: builds the packages and copies the license into it.
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

// npm's own output, such as that of `npm pack --json`, goes to stdout.
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-b'], { stdio: ['ignore', 2, 2] })
execFileSync(process.execPath, [`${root}/apps/dashboard/build.mjs`])
execFileSync(process.execPath, [`${root}/packages/element/build.mjs`])
copyFileSync(`${root}/LICENSE`, 'LICENSE')
