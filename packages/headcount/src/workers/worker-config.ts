import type { Settings } from '../settings/complete.js'

/** What the primary gives a worker, in an environment variable: other users cannot read it, as they can arguments. */
export interface WorkerConfig {
  /** The worker's number: from 1. */
  readonly worker: number
  /** The primary's settings, with the secrets that it generated. */
  readonly settings: Settings
}

/** Its name. */
export const workerVariable = 'HEADCOUNT_WORKER'

/** Undefined where the process is not a worker. */
export function workerConfigIn(env: Readonly<Record<string, string | undefined>>): WorkerConfig | undefined {
  const text = env[workerVariable]
  return text?.startsWith('{') ? (JSON.parse(text) as WorkerConfig) : undefined
}
