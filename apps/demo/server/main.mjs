// `npm start` runs this program: the demo on http://localhost:4000. SIGTERM or Ctrl-C drains it.
import { startDemo } from './demo.mjs'
import { optionsOrExit } from './options.mjs'

/** Longest drain, in ms: Docker kills after 10 s. */
const longestDrain = 8_000

try {
  await run()
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

async function run() {
  const demo = await startDemo(optionsOrExit())
  console.log(`The demo is at ${demo.url}`)
  console.log(`Dashboard: ${demo.dashboard}`)
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
