// One thread of a fleet: answers each request once.
import { parentPort } from 'node:worker_threads'
import { ClientPool } from './client-pool.mjs'
import { burst, churn, join, toggle } from './pool-actions.mjs'
import { ScriptedClient, sightOf } from './scripted-client.mjs'
import { now } from './time.mjs'

/** @type {ClientPool | undefined} */
let current
/** @type {ScriptedClient[]} */
let scripted = []

export const requests = {
  /** @param {import('./client-pool.mjs').PartOptions} options */
  setup(options) {
    current?.end()
    current = new ClientPool(options)
  },
  /** @param {Parameters<typeof join>[1]} options */
  join: (options) => join(pool(), options),
  /** @param {Parameters<typeof burst>[1]} options */
  burst: (options) => burst(pool(), options),
  /** @param {Parameters<typeof churn>[1]} options */
  churn: (options) => churn(pool(), options),
  /** @param {Parameters<typeof toggle>[1]} options */
  toggle: (options) => toggle(pool(), options),
  tally: () => pool().tally(),
  present: () => pool().present(),
  /** @param {readonly number[]} truth */
  wrong: (truth) => pool().wrong(truth),
  traces: () => pool().traces(),
  /** @param {readonly import('./scripted-client.mjs').Script[]} scripts */
  async run(scripts) {
    scripted = scripts.map((script) => new ScriptedClient(script))
    const begin = now()
    await Promise.all(scripted.map((client) => client.run(begin)))
  },
  async settle() {
    await Promise.all(scripted.map((client) => client.settle()))
  },
  /** @param {import('./presence-counts.mjs').Counts} truth */
  look: (truth) => sightOf(scripted, truth),
  clear() {
    current?.end()
    current = undefined
    for (const client of scripted.splice(0)) client.end()
  },
}

function pool() {
  if (current === undefined) throw new Error('expected a pool that was set up, got none')
  return current
}

parentPort?.on('message', async ({ id, name, argument }) => {
  try {
    const request = /** @type {(argument: unknown) => unknown} */ (
      requests[/** @type {keyof typeof requests} */ (name)]
    )
    parentPort?.postMessage({ id, result: await request(argument) })
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) })
  }
})
