// `npm test` runs every test and check. `npm test -- exactness` runs the build and the tests in matching files only.
// The last line is "N passed, N failed, N skipped". The exit code is 0 if none failed and at least one passed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from '@headcount/tools/packs/pack.mjs'
import { wrongArrows } from './lib/arrows.mjs'
import { longLines } from './lib/columns.mjs'
import { otherLicenses } from './lib/licenses.mjs'
import { checkPackages } from './lib/packages.mjs'
import { Report } from './lib/report.mjs'
import { run, runNode } from './lib/run.mjs'
import { checkPrograms } from './lib/system.mjs'
import { vitest } from './lib/vitest.mjs'

const filters = process.argv.slice(2)
const packs = mkdtempSync(join(tmpdir(), 'headcount-packs-'))
const start = performance.now()
const report = new Report({ strict: process.env.CI === 'true' })

await checkPrograms(report)
await test('build of the packages', runNode('typescript/bin/tsc', ['-b']))
for (const page of ['packages/element', 'apps/dashboard', 'apps/demo'])
  await test(`build of ${page}`, run('npm', ['run', '--silent', 'build', '--workspace', page]))
if (filters.length === 0) {
  await Promise.all([
    test('types of tests and scripts', runNode('typescript/bin/tsc', ['-p', 'tsconfig.test.json'])),
    test('lint and format', runNode('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])),
    test('unused files and unlisted dependencies', runNode('knip/bin/knip.js', ['--no-progress'])),
    test('directions of imports', check(wrongArrows)),
    test('lines of at most 120 columns', check(longLines)),
    test('licenses of what the packages install', check(otherLicenses)),
  ])
  const tarballs = packAll(packs)
  await checkPackages(tarballs, test)
  // The examples are installed from them.
  process.env.HEADCOUNT_TARBALLS = JSON.stringify([...tarballs])
}
for (const { passed, failed, skipped } of filters.length > 0 ? [await vitest(filters)] : await allTests()) {
  report.pass(passed)
  for (const name of failed) report.fail(name)
  for (const name of skipped) report.skip(name)
}
rmSync(packs, { recursive: true })
console.log(`\nIt took ${((performance.now() - start) / 1000).toFixed(0)} s.`)
for (const line of report.lines()) console.log(line)
process.exitCode = report.exitCode

/** Tests that go by the clock leave processors idle: on these the examples are built. */
async function allTests() {
  const first = await vitest(['--project', 'units', '--project', 'whole'])
  const rest = await Promise.all([
    vitest(['--project', 'serial']),
    vitest(['--project', 'paced'], { show: 'afterwards' }),
    vitest(['--project', 'examples'], { show: 'afterwards', low: true }),
  ])
  return [first, ...rest]
}

/**
 * Reports a step as one test, with its output if it failed.
 *
 * @param {string} name
 * @param {Promise<import('./lib/run.mjs').Outcome>} running
 */
async function test(name, running) {
  const outcome = await running.catch((error) => ({ ok: false, output: String(error.stack), seconds: 0 }))
  console.log(`${outcome.ok ? '✓' : '✗'} ${name} (${outcome.seconds.toFixed(1)} s)`)
  if (outcome.ok) return report.pass()
  console.log(outcome.output)
  report.fail(name)
}

/** @param {() => string[]} problemsOf @returns {Promise<import('./lib/run.mjs').Outcome>} */
async function check(problemsOf) {
  const start = performance.now()
  const problems = problemsOf()
  return { ok: problems.length === 0, output: problems.join('\n'), seconds: (performance.now() - start) / 1000 }
}
