import { parseArgs } from 'node:util'
import { scenarios } from './scenarios/index.mjs'
import { systems } from './server/systems.mjs'

export const usage = `npm run bench                                   every scenario, five times each
npm run bench -- storm --n 2000 --only headcount,socketio
npm run bench -- report                         writes docs/BENCHMARKS.md anew from the last results
npm run bench -- simulate                       reckons what more than one machine would need (docs/SCALE.md)

Scenarios
${scenarios.map(({ name, what }) => `  ${name.padEnd(12)}${what}`).join('\n')}

Flags
  --n N,N           sizes, in place of the scenario's own
  --repeats N       how often each is measured (5)
  --only NAME,…     systems: ${Object.keys(systems).join(', ')}, target
  --quick           one small trial of each, to see whether all works
  --target URL      also measure a server that speaks Phoenix at ws://host:port/socket/websocket
  --target-pid N    its process on this machine; without it its CPU and memory are not known
  --prefix TEXT     what topics begin with (video:)
  --node-flags=TEXT more flags for every server that is Node: --node-flags="--cpu-prof --cpu-prof-dir=/where/to"
  --out FILE        where the results go (bench/results/latest.json)
  --from FILE       with report: where they are`

/**
 * What was asked for, whole and valid.
 *
 * @param {readonly string[]} argv
 * @throws {Error} with what was expected.
 */
export function readOptions(argv) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      repeats: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      target: { type: 'string' },
      'target-pid': { type: 'string' },
      prefix: { type: 'string', default: 'video:' },
      'node-flags': { type: 'string', default: '' },
      out: { type: 'string' },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const names = scenarios.map(({ name }) => name)
  const [first] = positionals
  const report = first === 'report'
  const known = [...Object.keys(systems), 'target']
  const only = values.only?.split(',').map((name) => oneOf(name, known, 'a system'))
  if (only?.includes('target') && values.target === undefined) throw expected('--target with a URL', 'none')
  return {
    help: values.help,
    report,
    scenarios: report ? [] : positionals.map((name) => oneOf(name, names, 'a scenario')),
    sizes: values.n?.split(',').map((n) => wholeNumber('--n', n)),
    repeats: values.quick && values.repeats === undefined ? 1 : wholeNumber('--repeats', values.repeats ?? '5'),
    only: /** @type {import('./server/systems.mjs').SystemName[] | undefined} */ (only),
    quick: values.quick,
    target: values.target === undefined ? undefined : socketUrl(values.target),
    targetPid: values['target-pid'] === undefined ? undefined : wholeNumber('--target-pid', values['target-pid']),
    prefix: values.prefix,
    nodeFlags: values['node-flags'].split(' ').filter(Boolean),
    out: values.out,
    from: values.from,
  }
}

/** @typedef {ReturnType<typeof readOptions>} Options */

/**
 * @param {string} flag
 * @param {string} given
 */
function wholeNumber(flag, given) {
  const number = Number(given)
  if (!Number.isInteger(number) || number < 1) throw expected(`a whole number after ${flag}`, given)
  return number
}

/**
 * @param {string} name
 * @param {readonly string[]} names
 * @param {string} what
 */
function oneOf(name, names, what) {
  if (!names.includes(name)) throw expected(`${what} (${names.join(', ')})`, name)
  return name
}

/** Only this machine is ever loaded. @param {string} given */
function socketUrl(given) {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const local = url !== undefined && (url.hostname === 'localhost' || url.hostname.startsWith('127.'))
  if (url?.protocol !== 'ws:' || !local) throw expected('--target ws://127.0.0.1:port/path', given)
  return url
}

/**
 * @param {string} what
 * @param {string} got
 */
function expected(what, got) {
  return new Error(`expected ${what}, got ${got}`)
}
