// `npm start`: builds everything, then runs the demo. Flags behind `--` are those of apps/demo: `npm start -- --help`.
import { spawnSync } from 'node:child_process'
import { whenNpmEnds } from './lib/npm.mjs'

whenNpmEnds(() => process.kill(process.pid, 'SIGTERM'))

const { status } = spawnSync('npm run --silent build', { shell: true, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
await import('../apps/demo/server/main.mjs')
