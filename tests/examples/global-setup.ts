import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { packAll } from '../../tools/packs/pack.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Outside the workspace, so that nothing resolves to its `node_modules`. */
    folder: string
    /** Package names and the paths of their tarballs. */
    tarballs: [name: string, path: string][]
    /** The path of the program. */
    pnpm: string
  }
}

/** Installs pnpm, and packs all packages once for all tests of the examples, unless `npm test` has done so. */
export default function setup({ provide }: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-examples-'))
  provide('folder', folder)
  const { HEADCOUNT_TARBALLS: packed } = process.env
  provide('tarballs', packed === undefined ? [...packAll(join(folder, 'packs'))] : JSON.parse(packed))
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  execFileSync('npm', ['install', '--prefix', join(folder, 'pnpm'), ...flags, 'pnpm@12'], {
    stdio: ['ignore', 'pipe', 2],
  })
  provide('pnpm', join(folder, 'pnpm/node_modules/.bin/pnpm'))
  return () => rm(folder, { recursive: true, force: true })
}
