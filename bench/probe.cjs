// Loaded into every Node server that is measured: on SIGUSR2 it collects garbage and writes what memory is left.
const { renameSync, writeFileSync } = require('node:fs')

process.on('SIGUSR2', async () => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const file = `${process.env.BENCH_FOLDER}/${process.pid}.json`
  writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()))
  renameSync(`${file}.new`, file)
})
