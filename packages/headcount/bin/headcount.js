#!/usr/bin/env node
import { existsSync } from 'node:fs'

// Read first: npm may exit while the command loads.
const parent = process.ppid

// Until the command listens for signals: SIGHUP is ignored, and SIGTERM ends a server, which has no clients yet.
if (process.argv[2] === 'serve') process.on('SIGTERM', () => process.listenerCount('SIGTERM') > 1 || process.exit(0))
process.on('SIGHUP', () => {})

const cli = new URL('../dist/cli/main.js', import.meta.url)
if (!existsSync(cli)) {
  console.error('headcount: expected a build in packages/headcount/dist, got none. Run "npm run build" first.')
  process.exit(1)
}
const { main } = await import(cli.href)
await main(process.argv.slice(2), parent)
