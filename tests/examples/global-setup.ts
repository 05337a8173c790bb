import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { packAll } from '../../tools/packs/pack.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Outside of the workspace, so that nothing resolves to its `node_modules`. */
    folder: string
    /** Package names and the paths of their tarballs. */
    tarballs: [name: string, path: string][]
  }
}

/** Packs all packages once for all tests of the examples, where `npm test` has not done it. */
export default function setup({ provide }: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-examples-'))
  provide('folder', folder)
  const { HEADCOUNT_TARBALLS: packed } = process.env
  provide('tarballs', packed === undefined ? [...packAll(join(folder, 'packs'))] : JSON.parse(packed))
  return () => rm(folder, { recursive: true, force: true })
}
