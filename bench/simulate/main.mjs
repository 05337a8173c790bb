import { parseArgs } from 'node:util'
import { cases } from './cases.mjs'
import { readFrom } from './from.mjs'
import { needs } from './needs.mjs'
import { checks } from './points.mjs'
import { printChecks, printNeeds } from './print.mjs'
import { simulate } from './simulate.mjs'

export const usage = `npm run bench -- simulate                      what ten million people would need, from measured units
npm run bench -- simulate --from FILE          with units and points out of results of the benchmark
npm run bench -- simulate --quick              only beside what was measured for real
npm run bench -- simulate measure              measures the units that the benchmark does not`

/**
 * Simulates and prints. Answers with the exit code.
 *
 * @param {readonly string[]} argv What follows "simulate".
 * @throws {Error} with what was expected.
 */
export async function main(argv) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { from: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const [act, ...more] = positionals
  if ((act !== undefined && act !== 'measure') || more.length > 0) {
    throw new Error(`expected measure, or nothing, after simulate, got ${positionals.join(' ')}`)
  }
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (act === 'measure') return measure()
  const { units, points, taken } = readFrom(values.from)
  if (taken.length > 0) console.log(`Taken from the results: ${taken.join(', ')}.`)
  printChecks(checks(points, units))
  if (values.quick) return 0
  for (const { name, world } of cases(units)) {
    const outcome = simulate(world)
    printNeeds(`${name}, ${world.replicas} replicas`, needs(world, outcome, units))
  }
  return 0
}

async function measure() {
  const { measureServer } = await import('./measure/server.mjs')
  const { measureFlushes } = await import('./measure/flushes.mjs')
  const { measureRedis } = await import('./measure/redis.mjs')
  const found = { ...(await measureServer()), ...(await measureFlushes()), ...(await measureRedis()) }
  for (const [name, value] of Object.entries(found)) console.log(`${name}: ${Number(value.toPrecision(3))},`)
  return 0
}
