// npm run attack: attacks a server, and measures what its other clients notice. `npm run attack -- tokens` runs those
// whose name contains the word. Exits with 1 if a limit is exceeded.
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { Attacker } from './attacks/attacker.mjs'
import { attacks } from './attacks/attacks.mjs'
import { startBystanders } from './attacks/bystanders.mjs'
import { pin } from './pin.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '6' } },
})
const seconds = Number(values.seconds)
const [word = ''] = positionals

const bystanders = await startBystanders()
// The attackers and the bystanders share a core: the bystanders, whose delays are measured, go first.
pin(0, process.pid)
setPriority(19)
let failed = 0
try {
  console.log('| attack | p99 quiet, ms | p99 during, ms | exact | heap, MB | RSS, MB |\n|---|---|---|---|---|---|')
  for (const { name, run } of attacks.filter((each) => each.name.includes(word))) {
    const figures = await bystanders.measure((port) => run(new Attacker(port, seconds)), seconds)
    const { quiet, during, before, after, problems, isSlow, hasGrown } = figures
    if (problems.length > 0 || isSlow || hasGrown) failed++
    const memory = (/** @type {'heap' | 'RSS'} */ of) => `${before[of].toFixed(1)} → ${after[of].toFixed(1)}`
    const delays = `${quiet.toFixed(0)} | ${during.toFixed(0)}`
    console.log(`| ${name} | ${delays} | ${problems.join('; ') || 'yes'} | ${memory('heap')} | ${memory('RSS')} |`)
  }
} finally {
  await bystanders.stop()
}
console.log(`\n${failed} of the attacks missed a bar.`)
process.exitCode = failed === 0 ? 0 : 1
