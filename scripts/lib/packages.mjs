import { readFile } from 'node:fs/promises'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/**
 * Applications without ES modules find no types, except in `node10`, the default of older TypeScript, which does not
 * read `exports`: there the main entry has types.
 *
 * @param {import('@arethetypeswrong/core').Problem} problem
 */
function isIgnored(problem) {
  if (!('resolutionKind' in problem)) return false
  return problem.resolutionKind === 'node16-cjs' || (problem.resolutionKind === 'node10' && problem.entrypoint !== '.')
}

/**
 * Checks the tarball of each package with publint and "Are the types wrong?".
 *
 * @param {ReadonlyMap<string, string>} tarballs By package name.
 * @param {(name: string, outcome: Promise<import('./run.mjs').Outcome>) => Promise<unknown>} test Runs a check.
 */
export async function checkPackages(tarballs, test) {
  for (const [name, tarball] of tarballs) {
    await test(`publint ${name}`, timed(lint, tarball))
    await test(`published types of ${name}`, timed(wrongTypes, tarball))
  }
}

/**
 * @param {(file: string) => Promise<string[]>} problemsOf
 * @param {string} file
 * @returns {Promise<import('./run.mjs').Outcome>}
 */
async function timed(problemsOf, file) {
  const start = performance.now()
  const problems = await problemsOf(file)
  return { ok: problems.length === 0, output: problems.join('\n'), seconds: (performance.now() - start) / 1000 }
}

/** @param {string} file */
async function lint(file) {
  const { buffer, byteOffset, byteLength } = await readFile(file)
  const tarball = buffer.slice(byteOffset, byteOffset + byteLength)
  const { messages, pkg } = await publint({ pack: { tarball }, level: 'warning', strict: true })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** @param {string} file */
async function wrongTypes(file) {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(file))))
  if (analysis.types === false) return ['it has no types']
  return analysis.problems.filter((one) => !isIgnored(one)).map((problem) => JSON.stringify(problem))
}
