import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packAll } from '../../tools/packs/pack.mjs'
import { runNode } from './run.mjs'

/**
 * Packs each package as npm would publish it, and checks the tarball with publint (strict) and "Are the types wrong?".
 *
 * @param {(name: string, outcome: Promise<import('./run.mjs').Outcome>) => Promise<unknown>} test Reports each check.
 */
export async function checkPackages(test) {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-pack-'))
  for (const [name, tarball] of packAll(folder)) {
    await test(`publint ${name}`, lint(tarball))
    const attw = [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji']
    await test(`types of ${name} as published`, runNode('@arethetypeswrong/cli/dist/index.js', attw))
  }
  await rm(folder, { recursive: true })
}

/**
 * @param {string} file The tarball.
 * @returns {Promise<import('./run.mjs').Outcome>}
 */
async function lint(file) {
  const begun = performance.now()
  const bytes = await readFile(file)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball }, level: 'warning', strict: true })
  const output = messages.map((message) => formatMessage(message, pkg, { color: false })).join('\n')
  return { ok: messages.length === 0, output, seconds: (performance.now() - begun) / 1000 }
}
