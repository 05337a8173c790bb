// npm run bench: measures Headcount and other servers. `npm run bench -- --help` lists the scenarios.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { measure } from './measure.mjs'
import { readOptions, usage } from './options.mjs'
import { plan } from './plan.mjs'
import { report } from './report.mjs'

// Servers are killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

try {
  const options = readOptions(process.argv.slice(2))
  const { out } = options
  if (options.help) console.log(usage)
  else if (options.from !== undefined) console.log(report(JSON.parse(readFileSync(options.from, 'utf8'))))
  else {
    mkdirSync(dirname(out), { recursive: true })
    const results = await measure(plan(options), options, (soFar) => writeFileSync(out, JSON.stringify(soFar, null, 1)))
    console.log(`\n${report(results)}\n\nSaved in ${out}.`)
    if (results.failed.length > 0) process.exitCode = 1
  }
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
