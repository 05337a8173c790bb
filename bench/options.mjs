import { parseArgs } from 'node:util'
import { scenarios } from './plan.mjs'
import { systems } from './systems.mjs'

export const usage = `npm run bench                       every scenario, five times each
npm run bench -- storm --quick      one small trial of each system
npm run bench -- storm churn --n 2000 --only headcount,socketio

Scenarios
${scenarios.map(({ name, what }) => `  ${name.padEnd(9)}${what}`).join('\n')}

Flags
  --n N,N            sizes, instead of the scenario's own
  --repeats N        how often each is measured (5)
  --only NAME,…      systems: ${Object.keys(systems).join(', ')}
  --quick            one trial of each, with fewer clients
  --cold             without the clients that warm a server up, where its CPU time does not matter
  --node-flags=TEXT  more flags for every Node server: --node-flags="--cpu-prof --cpu-prof-dir=profiles"
  --out FILE         where the results go (bench/results/latest.json)
  --from FILE        prints the tables of these results, and measures nothing`

/** @param {readonly string[]} args @throws {Error} if a flag is unknown. */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      repeats: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      cold: { type: 'boolean', default: false },
      'node-flags': { type: 'string', default: '' },
      out: { type: 'string', default: 'bench/results/latest.json' },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { n, only, quick, cold, repeats = quick ? '1' : '5', out, from, help } = values
  return {
    scenarios: positionals,
    sizes: n?.split(',').map(Number),
    repeats: Number(repeats),
    only: only?.split(','),
    nodeFlags: values['node-flags'].split(' ').filter(Boolean),
    ...{ quick, cold, out, from, help },
  }
}

/** @typedef {ReturnType<typeof readOptions>} Options */
