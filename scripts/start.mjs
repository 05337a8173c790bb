// `npm start`: builds, then serves with the demo. Flags behind `--` are those of `headcount serve`.
import { spawnSync } from 'node:child_process'
import { whenNpmEnds } from './lib/npm.mjs'

whenNpmEnds(() => process.kill(process.pid, 'SIGTERM'))

const { status } = spawnSync('npm run --silent build', { shell: true, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
process.argv.splice(2, 0, 'serve', '--demo')
await import('../packages/headcount/bin/headcount.js')
