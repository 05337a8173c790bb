// Imported into every process of a server: makes the second worker fail as it starts.
const { START_FAULT: fault, HEADCOUNT_WORKER: worker } = process.env
const config = worker === undefined ? undefined : JSON.parse(worker)
if (config?.worker === 2) {
  if (fault === 'exit') process.exit(7)
  const port = /^port (\d+)$/.exec(fault ?? '')?.[1]
  if (port !== undefined) {
    config.settings.port = Number(port)
    process.env.HEADCOUNT_WORKER = JSON.stringify(config)
  }
}
