// Loaded into every process of a server: lets the second worker fail as it starts.
const { FAULT: fault, HEADCOUNT_WORKER: worker } = process.env
const orders = worker === undefined ? undefined : JSON.parse(worker)
if (orders?.worker === 2) {
  if (fault === 'exit') process.exit(7)
  const port = /^port (\d+)$/.exec(fault ?? '')?.[1]
  if (port !== undefined) {
    orders.settings.port = Number(port)
    process.env.HEADCOUNT_WORKER = JSON.stringify(orders)
  }
}
