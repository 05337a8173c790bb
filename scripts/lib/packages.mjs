import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from '@headcount/tools/packs/pack.mjs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { runNode } from './run.mjs'

/**
 * Packs the packages as npm would publish them, and checks each tarball with publint and "Are the types wrong?".
 *
 * @param {(name: string, outcome: Promise<import('./run.mjs').Outcome>) => Promise<unknown>} test Runs a check.
 */
export async function checkPackages(test) {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-pack-'))
  const flags = ['--profile', 'esm-only', '--no-color', '--no-emoji']
  const checks = [...packAll(join(folder, 'packs'))].flatMap(([name, tarball]) => [
    test(`publint ${name}`, lint(tarball)),
    test(`published types of ${name}`, runNode('@arethetypeswrong/cli/dist/index.js', [tarball, ...flags])),
  ])
  await Promise.all(checks)
  await rm(folder, { recursive: true })
}

/** @param {string} file @returns {Promise<import('./run.mjs').Outcome>} */
async function lint(file) {
  const start = performance.now()
  const { buffer, byteOffset, byteLength } = await readFile(file)
  const tarball = buffer.slice(byteOffset, byteOffset + byteLength)
  const { messages, pkg } = await publint({ pack: { tarball }, level: 'warning', strict: true })
  const output = messages.map((message) => formatMessage(message, pkg, { color: false })).join('\n')
  return { ok: messages.length === 0, output, seconds: (performance.now() - start) / 1000 }
}
