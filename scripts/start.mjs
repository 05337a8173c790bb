// `npm start`: builds everything, then runs the demo. Flags behind `--` are those of apps/demo: `npm start -- --help`.
// They are checked before the build, so that a wrong one fails at once.
import { spawnSync } from 'node:child_process'
import { optionsOrExit } from '../apps/demo/server/options.mjs'
import { whenNpmEnds } from './lib/npm.mjs'

optionsOrExit()
whenNpmEnds(() => process.kill(process.pid, 'SIGTERM'))

console.log('Building …')
const { status } = spawnSync('npm run --silent build', { shell: true, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
await import('../apps/demo/server/main.mjs')
