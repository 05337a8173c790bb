// Loaded into every server that is measured: on SIGUSR2 it collects garbage and writes down what memory is left.
const { renameSync, writeFileSync } = require('node:fs')

const folder = process.env.BENCH_PROBE

process.on('SIGUSR2', async () => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const file = `${folder}/${process.pid}.json`
  writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()))
  renameSync(`${file}.new`, file)
})
