// `npm start`: builds, then serves with the demo. Flags behind `--` are those of `headcount serve`.
import { spawnSync } from 'node:child_process'

// npm passes a SIGTERM to its shell alone, which dies of it and passes nothing on.
const parent = process.ppid
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 500).unref()
}

const { status } = spawnSync('npm run --silent build', { shell: true, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
process.argv.splice(2, 0, 'serve', '--demo')
await import('../packages/server/bin/headcount.js')
