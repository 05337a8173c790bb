import type { Settings } from '../settings/index.js'

/** The environment variable that makes a process a worker. */
const variable = 'HEADCOUNT_WORKER'

/** What the primary tells a process that it forks. */
export interface Orders {
  /** Which worker it is: from 1. */
  readonly worker: number
  /**
   * The settings as the primary has read them, so that all workers have the same: whatever has become of the config
   * file, and with the secrets that were made up at the start.
   */
  readonly settings: Settings
}

/** Orders in the environment: it is read by no other user, as a command line is. */
export function ordersIn(env: Readonly<Record<string, string | undefined>>): Orders | undefined {
  const text = env[variable]
  return text === undefined ? undefined : (JSON.parse(text) as Orders)
}

export function envOf(orders: Orders): Record<string, string> {
  return { [variable]: JSON.stringify(orders) }
}
