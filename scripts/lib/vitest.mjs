import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode } from './run.mjs'

const reporter = fileURLToPath(new URL('./tally-reporter.mjs', import.meta.url))

/**
 * Runs vitest, its progress on the console, and says what came of it. A run that ends without a tally, that runs no
 * test, or that fails for a reason no test has, is a failure.
 *
 * @param {readonly string[]} args File filters and flags of `vitest run`.
 * @param {{ show?: boolean }} [options] `show: false` keeps it off the console.
 * @returns {Promise<import('./tally-reporter.mjs').Tally>}
 */
export async function vitest(args, { show = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-tally-'))
  const file = join(folder, 'tally.json')
  const reporters = ['--reporter=default', `--reporter=${reporter}`]
  const outcome = await runNode('vitest/vitest.mjs', ['run', ...reporters, ...args], {
    minutes: 45,
    show,
    env: { TALLY_FILE: file },
  })
  const tally = await read(file)
  await rm(folder, { recursive: true })
  if (tally.passed + tally.failed.length === 0) tally.failed.push('vitest: expected tests, ran none')
  else if (!outcome.ok && tally.failed.length === 0) tally.failed.push('vitest: exited with an error')
  return tally
}

/**
 * @param {string} file
 * @returns {Promise<import('./tally-reporter.mjs').Tally>}
 */
async function read(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return { passed: 0, failed: ['vitest: expected a tally, ended without one'], skipped: [] }
  }
}
