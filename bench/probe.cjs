// Loaded into every Node server that is measured: on SIGUSR2 it collects garbage, and writes what memory is left, how
// many timers (with BENCH_TIMERS=1) and which resources that keep the process alive.
const { renameSync, writeFileSync } = require('node:fs')

/** @type {WeakRef<object>[]} */
let timers = []
/** A timer that has fired or was cleared is marked by Node. */
const prune = () => {
  timers = timers.filter((timer) => timer.deref()?._destroyed === false)
}
for (const name of process.env.BENCH_TIMERS === '1' ? ['setTimeout', 'setInterval'] : []) {
  const set = globalThis[name]
  globalThis[name] = (...args) => {
    const timer = set(...args)
    timers.push(new WeakRef(timer))
    return timer
  }
}

process.on('SIGUSR2', async () => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  prune()
  const left = { timers: timers.length, resources: process.getActiveResourcesInfo().sort() }
  const file = `${process.env.BENCH_FOLDER}/${process.pid}.json`
  writeFileSync(`${file}.new`, JSON.stringify({ ...process.memoryUsage(), left }))
  renameSync(`${file}.new`, file)
})
