// One process of the load. It is told what to do, one order at a time, and answers each once.
import { burst, churn, join, toggle } from './acts.mjs'
import { Crowd } from './crowd.mjs'

/** @type {Crowd | undefined} */
let crowd

const orders = {
  /** @param {import('./crowd.mjs').CrowdOptions} options */
  setup(options) {
    crowd?.end()
    crowd = new Crowd(options)
  },
  /** @param {Parameters<typeof join>[1]} order */
  join: (order) => join(here(), order),
  /** @param {Parameters<typeof burst>[1]} order */
  burst: (order) => burst(here(), order),
  /** @param {Parameters<typeof churn>[1]} order */
  churn: (order) => churn(here(), order),
  /** @param {Parameters<typeof toggle>[1]} order */
  toggle: (order) => toggle(here(), order),
  /** What has come so far. */
  tally: () => here().tally,
  present: () => here().present(),
  /** @param {{ truth: readonly number[] }} order */
  wrong: ({ truth }) => here().wrong(truth),
  /** When joins began, and what some clients were told when. */
  traces() {
    const { asked, clients } = here()
    const traces = [...clients.values()].flatMap(({ trace }) => (trace === undefined ? [] : [trace]))
    return { asked, traces }
  },
  end() {
    crowd?.end()
    crowd = undefined
  },
}

function here() {
  if (crowd === undefined) throw new Error('expected a crowd that was set up, got none')
  return crowd
}

process.on('message', async (message) => {
  const { id, name, order } = /** @type {{ id: number, name: keyof typeof orders, order: never }} */ (message)
  try {
    process.send?.({ id, result: await orders[name](order) })
  } catch (error) {
    process.send?.({ id, error: String(error) })
  }
})
process.on('disconnect', () => process.exit())
