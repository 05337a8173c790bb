// Runs in a package's folder before npm packs it: builds the packages and copies the license into it.
import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildPackages } from '../tools/packs/build.mjs'

buildPackages()
copyFileSync(fileURLToPath(new URL('../LICENSE', import.meta.url)), 'LICENSE')
