// npm run bench: measures Headcount beside others. `npm run bench -- --help` says what can be asked for.
import { readOptions, usage } from './options.mjs'
import { plan } from './plan.mjs'
import { publish } from './report/publish.mjs'
import { printTables } from './report/terminal.mjs'
import { readResults, resultsFile, writeResults } from './results.mjs'
import { measure } from './run.mjs'

// What it started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

try {
  if (process.argv[2] === 'simulate')
    process.exit(await (await import('./simulate/main.mjs')).main(process.argv.slice(3)))
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else if (options.report) publish(readResults(options.from ?? resultsFile))
  else {
    const file = options.out ?? resultsFile
    const results = await measure(plan(options), options, (sofar) => writeResults(file, sofar))
    printTables(results)
    if (results.failed.length > 0) process.exitCode = 1
    console.log(`\nKept in ${file}. "npm run bench -- report" writes docs/BENCHMARKS.md from it.`)
  }
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
