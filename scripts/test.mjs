// Runs every test: `npm test`. With a filter, `npm test -- exactness`, only the build and the tests in matching files.
// The last line is "N passed, N failed, N skipped"; the exit code is 0 where none failed and at least one passed.
import { checkPackages } from './lib/packages.mjs'
import { Report } from './lib/report.mjs'
import { run, runNode } from './lib/run.mjs'
import { systemPrograms } from './lib/system.mjs'
import { vitest } from './lib/vitest.mjs'

const filters = process.argv.slice(2)
const begun = performance.now()
const report = new Report({ strict: process.env.CI === 'true' })

await systemPrograms(report)
await test('build of the packages', runNode('typescript/bin/tsc', ['-b']))
await test('build of the demo page', run('npm', ['run', '--silent', 'build', '--workspace', 'apps/demo']))
if (filters.length === 0) {
  await test('types of tests and scripts', runNode('typescript/bin/tsc', ['-p', 'tsconfig.test.json']))
  await test('lint and format', runNode('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']))
  await test('dead files and unlisted dependencies', runNode('knip/bin/knip.js', ['--no-progress']))
  await checkPackages(test)
}
await tests()
for (const line of [`\nAll of it took ${seconds(performance.now() - begun)}.`, ...report.lines()]) console.log(line)
process.exitCode = report.exitCode

/**
 * One step that counts as one test: a line on the console, and its output where it failed.
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

async function tests() {
  const tally = await vitest(filters)
  report.pass(tally.passed)
  tally.failed.map((name) => report.fail(name))
  tally.skipped.map((name) => report.skip(name))
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(0)} s`
}
