// `npm run soak`: four replicas, 200 topics and 2,000 clients for ten minutes, while things break. CI runs a shorter one.
// `npm run soak -- --minutes 3 --seed 1234` sets how long, and what befalls.
import { parseArgs } from 'node:util'
import { runNode } from './lib/run.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const minutes = number('minutes', values.minutes)
const env = { SOAK_MINUTES: String(minutes), CI: 'true' }
if (values.seed !== undefined) Object.assign(env, { SOAK_SEED: String(number('seed', values.seed)) })

const file = 'tests/cluster/soak.test.ts'
const args = ['run', '--project', 'whole', file, '--disable-console-intercept']
let outcome = await runNode('typescript/bin/tsc', ['-b'], { show: true })
if (outcome.ok) outcome = await runNode('vitest/vitest.mjs', args, { minutes: minutes + 5, show: true, env })
process.exitCode = outcome.ok ? 0 : 1

/**
 * @param {string} name
 * @param {string} given
 */
function number(name, given) {
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given)
  throw new Error(`--${name}: expected a number, got ${given}`)
}
