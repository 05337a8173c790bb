// `npm run soak -- --minutes 10 --seed 1234`: random faults on four replicas with 2,000 clients. `npm test` runs 30 s.
import { parseArgs } from 'node:util'
import { runNode } from './lib/run.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } })
for (const [name, value] of Object.entries(values)) {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new Error(`--${name}: expected a number, got ${value}`)
}
const { minutes, seed } = values
const env = { SOAK_MINUTES: minutes, CI: 'true', ...(seed !== undefined && { SOAK_SEED: seed }) }
const args = ['run', 'tests/cluster/soak', '--disable-console-intercept']
let outcome = await runNode('typescript/bin/tsc', ['-b'], { show: true })
if (outcome.ok) outcome = await runNode('vitest/vitest.mjs', args, { minutes: Number(minutes) + 5, show: true, env })
process.exitCode = outcome.ok ? 0 : 1
