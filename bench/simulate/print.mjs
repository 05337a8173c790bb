/** @param {number} value @param {number} [digits] */
const short = (value, digits = 3) =>
  Number.isFinite(value)
    ? new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: digits }).format(value)
    : '-'

/** @param {number} value */
const gigabytes = (value) => `${short(value / 1e9)} GB`

/** @param {number} masters @param {number} busiest */
const nodes = (masters, busiest) =>
  Number.isFinite(masters)
    ? `${masters}, the busiest hash tag ${short(busiest)} of a core`
    : `no number of them: one hash tag alone takes ${short(busiest)} of a core`

/**
 * What is printed of a case, line by line; of Redis nothing where there is none.
 *
 * @type {[string, (n: Partial<Record<string, number>>) => string | number | undefined][]}
 */
const lines = [
  ['changes, a second', ({ changes = 0 }) => short(changes)],
  ['frames told, a second', ({ frames = 0 }) => short(frames)],
  ['replicas: cores busy', ({ cores = 0, busiest = 0 }) => `${short(cores)}, the busiest ${short(busiest)} of its own`],
  ['  memory, and their kernels', ({ memory = 0, kernel = 0 }) => `${gigabytes(memory)} + ${gigabytes(kernel)}`],
  ['  to clients', ({ bandwidth = 0 }) => `${short(bandwidth / 1e9)} Gbit/s`],
  ['  topics on replicas', ({ rows = 0 }) => short(rows)],
  ['Redis: commands, a second', ({ commands }) => commands && short(commands)],
  ['  commits', ({ commits }) => commits && short(commits)],
  ['  publishing what was held back', ({ publishes }) => publishes && short(publishes)],
  ['  topics said again, a second', ({ again = 0 }) => (again > 0.1 ? short(again) : undefined)],
  [
    '  messages published, delivered',
    ({ published, delivered = 0 }) => published && `${short(published)}, ${short(delivered)}`,
  ],
  ['  cores busy', ({ redisCores }) => redisCores && short(redisCores)],
  ['  masters', ({ masters, busiestSlot = 0 }) => masters && nodes(masters, busiestSlot)],
  ['  memory', ({ redisMemory }) => redisMemory && gigabytes(redisMemory)],
  ['  network', ({ redisBandwidth }) => redisBandwidth && `${short(redisBandwidth / 1e9)} Gbit/s`],
  ['until shown, p50 / p99', ({ p50 = 0, p99 = 0 }) => `${short(p50)} / ${short(p99)} ms`],
  ['  in topics of 1,000 at most', ({ calmP50, calmP99 = 0 }) => calmP50 && `${short(calmP50)} / ${short(calmP99)} ms`],
]

/** @param {string} name @param {Partial<Record<string, number>>} need */
export function printNeeds(name, need) {
  console.log(`\n${name}`)
  for (const [label, text] of lines) {
    const said = text(need)
    if (said) console.log(`  ${label.padEnd(34)}${said}`)
  }
}

/** @param {readonly import('./points.mjs').Check[]} checks */
export function printChecks(checks) {
  console.log(
    `\n${'What was measured for real'.padEnd(44)}${'measured'.padStart(12)}${'simulated'.padStart(12)}${'ratio'.padStart(8)}`,
  )
  for (const { what, measured, simulated } of checks) {
    const row = [short(measured, 4).padStart(12), short(simulated, 4).padStart(12)]
    console.log(`${what.padEnd(44)}${row.join('')}${(simulated / measured).toFixed(2).padStart(8)}`)
  }
}
