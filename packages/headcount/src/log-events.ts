import { eventLog } from '@headcount/core'

/** What the command logs. docs/ERRORS.md says what to do about each. */
const logEvents = {
  odd_setting: ['warn', 'a setting works, but should be changed'],
  draining: ['info', 'draining'],
  drain_hurried: ['info', 'asked to stop again, closing all sockets at once'],
  drain_timed_out: ['warn', 'drain timed out, stopping'],
  stopped: ['info', 'stopped'],
  accept_failed: ['error', 'accepting a connection failed'],
  worker_started: ['info', 'worker started'],
  worker_exited: ['warn', 'worker exited, restarting'],
  worker_not_removed: ['warn', 'removing an exited worker failed; it counts until its lease expires'],
} as const

export type CommandLogEvent = keyof typeof logEvents

export const log = eventLog(logEvents)
