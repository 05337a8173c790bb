import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root, run, runNode } from './run.mjs'

/**
 * Packs each package as npm would publish it, and has publint (strict) and "Are the types wrong?" judge the tarball.
 *
 * @param {(name: string, outcome: Promise<import('./run.mjs').Outcome>) => Promise<unknown>} test Is given each check.
 */
export async function checkPackages(test) {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-pack-'))
  for (const name of (await readdir(join(root, 'packages'))).sort()) {
    const cwd = join(root, 'packages', name)
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd, minutes: 2 })
    if (!packed.ok) {
      await test(`pack ${name}`, Promise.resolve(packed))
      continue
    }
    const tarball = join(folder, JSON.parse(packed.output)[0].filename)
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
