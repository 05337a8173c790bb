import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { expect } from 'vitest'
import { testFolder } from '../support/test-folder.js'

const bench = fileURLToPath(new URL('../../bench/main.mjs', import.meta.url))

/** Runs a scenario once, and returns its figures. */
export async function runBenchmark(
  scenario: string,
  size: number,
  ...flags: string[]
): Promise<Record<string, number>> {
  const out = join(testFolder(), 'results.json')
  const args = [scenario, '--n', String(size), '--cold', '--repeats', '1', '--out', out, ...flags]
  const child = new Child(process.execPath, [bench, ...args])
  const { code } = await child.exited
  expect(code, child.output).toBe(0)
  return JSON.parse(readFileSync(out, 'utf8')).measured[0].figures
}
