import type { Settings } from '../settings/complete.js'

/** The config of a worker, in an environment variable: unlike arguments, other users cannot read it. */
export interface WorkerConfig {
  /** The worker's number: from 1. */
  readonly worker: number
  /** The primary's settings, with the secrets that it generated. */
  readonly settings: Settings
}

export const workerVariable = 'HEADCOUNT_WORKER'

/** Undefined if the process is not a worker. */
export function workerConfigIn(env: Readonly<Record<string, string | undefined>>): WorkerConfig | undefined {
  const text = env[workerVariable]
  return text?.startsWith('{') ? (JSON.parse(text) as WorkerConfig) : undefined
}
