// `npm run phoenix:matrix`: the tests of stock clients with the newest patch of every minor version of the package
// `phoenix` that npm has. Installs them into a temporary folder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runNode } from './lib/run.mjs'

const folder = mkdtempSync(join(tmpdir(), 'phoenix-matrix-'))
/** @param {string} command @param {readonly string[]} args */
const npm = async (command, ...args) => {
  const { ok, output } = await run('npm', [command, ...args], { cwd: folder })
  if (!ok) throw new Error(output)
  return output
}

try {
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const versions = /** @type {string[]} */ (JSON.parse(await npm('view', 'phoenix', 'versions', '--json')))
  const minors = new Set(
    versions.filter((version) => !version.includes('-')).map((version) => version.split('.', 2).join('.')),
  )
  const names = [...minors].map((minor) => `phoenix-${minor}`)
  const packages = [...minors].map((minor) => `phoenix-${minor}@npm:phoenix@~${minor}.0`)
  await npm('install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages)
  console.log(await npm('ls'))
  const env = { PHOENIX_FOLDER: folder, PHOENIX_PACKAGES: names.join() }
  const args = ['run', '--project', 'whole', 'tests/server/stock-clients', '--reporter', 'verbose']
  let outcome = await runNode('typescript/bin/tsc', ['-b'], { show: true })
  if (outcome.ok) outcome = await runNode('vitest/vitest.mjs', args, { show: true, env })
  process.exitCode = outcome.ok ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
