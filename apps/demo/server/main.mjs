// `npm start` runs this program: the demo on http://localhost:4000. SIGTERM or Ctrl-C drains it.
import { startDemo } from './demo.mjs'
import { parseOptions, usage } from './options.mjs'

/** Longest drain, in ms: Docker kills after 10 s. */
const longestDrain = 8_000

try {
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options === 'help') console.log(usage)
  else await run(options)
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

/** @param {import('./options.mjs').DemoOptions} options */
async function run(options) {
  const demo = await startDemo(options)
  console.log(`The demo is at ${demo.url}`)
  let isClosing = false
  const close = async () => {
    if (isClosing) return
    isClosing = true
    setTimeout(() => process.exit(1), longestDrain).unref()
    await demo.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void close())
}
