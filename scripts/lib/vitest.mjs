import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode } from './run.mjs'

const reporter = fileURLToPath(new URL('./tally-reporter.mjs', import.meta.url))

/**
 * Runs Vitest. A run without a result, without a test, or that fails for another reason than a test is a failure.
 *
 * @param {readonly string[]} args File filters and flags of `vitest run`.
 * @param {{ show?: 'now' | 'afterwards' | 'never', low?: boolean }} [options] When to show what it prints; whether
 *   others come first where processors are busy.
 * @returns {Promise<import('./tally-reporter.mjs').Tally>}
 */
export async function vitest(args, { show = 'now', low = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-tally-'))
  const env = { TALLY_FILE: join(folder, 'tally.json') }
  const reporters = ['--reporter=default', `--reporter=${reporter}`]
  const options = { minutes: 45, show: show === 'now', low, env }
  const { ok, output } = await runNode('vitest/vitest.mjs', ['run', ...reporters, ...args], options)
  if (show === 'afterwards') console.log(output)
  /** @type {import('./tally-reporter.mjs').Tally} */
  const tally = await readFile(env.TALLY_FILE, 'utf8').then(JSON.parse, () => ({
    passed: 0,
    failed: ['vitest ended without a result'],
    skipped: [],
  }))
  await rm(folder, { recursive: true })
  if (tally.passed + tally.failed.length === 0) tally.failed.push('vitest ran no tests')
  else if (!ok && tally.failed.length === 0) tally.failed.push('vitest exited with an error')
  return tally
}
