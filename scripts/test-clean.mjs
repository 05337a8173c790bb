// `npm run test:clean`: clones HEAD into a temporary folder and runs there what a newcomer runs, with an empty HOME.
// The exit code is that of the tests; the folder is removed, or kept and named where they failed.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './lib/run.mjs'

const folder = mkdtempSync(join(tmpdir(), 'headcount-clean-'))
const clone = join(folder, 'headcount')
const home = join(folder, 'home')
mkdirSync(home)

/** @type {[string, string[]][]} */
const commands = [
  ['git', ['clone', '--quiet', root, clone]],
  ['npm', ['install']],
  ['npm', ['test', ...process.argv.slice(2)]],
]

for (const [command, args] of commands) {
  console.log(`▸ ${command} ${args.join(' ')}`)
  const cwd = command === 'git' ? folder : clone
  const { ok, output } = await run(command, args, { minutes: 60, show: true, cwd, env: { HOME: home } })
  if (ok) continue
  console.log(`${output}The clone is kept: ${clone}`)
  process.exit(1)
}
rmSync(folder, { recursive: true })
