// `npm start`: builds everything, then runs the demo. Flags behind `--` are those of apps/demo: `npm start -- --help`.
// They are checked before the build, so that a wrong one fails at once.
import { spawnSync } from 'node:child_process'
import { optionsOrExit } from '../apps/demo/server/options.mjs'

optionsOrExit()
// On SIGTERM npm signals only its shell, which does not forward the signal: so this ends with npm.
const npm = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid
const timer = setInterval(() => {
  if (npm === undefined || process.ppid === npm) return
  clearInterval(timer)
  process.kill(process.pid, 'SIGTERM')
}, 500).unref()

console.log('Building …')
const { status } = spawnSync('npm run --silent build', { shell: true, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
await import('../apps/demo/server/main.mjs')
