import { eventLog } from '@headcount/core'

/** The events that the command logs. docs/ERRORS.md has a remedy for each. */
const logEvents = {
  odd_setting: ['warn', 'a setting should be changed'],
  few_files: ['warn', 'the limit of open files (ulimit -n) allows fewer sockets'],
  listening: ['info', 'listening'],
  reloaded: ['info', 'settings reloaded'],
  restart_needed: ['warn', 'changed settings need a restart'],
  reload_failed: ['error', 'reload failed, keeping the previous settings'],
  connection_refused: ['warn', 'refused a connection: the limit of open files (ulimit -n) is reached'],
  stopped_early: ['info', 'stopped before it listened'],
  draining: ['info', 'draining'],
  drain_hurried: ['info', 'asked to stop again, closing all sockets at once'],
  drain_timed_out: ['warn', 'drain timed out, stopping'],
  stopped: ['info', 'stopped'],
  accept_failed: ['error', 'accepting a connection failed'],
  worker_started: ['info', 'worker started'],
  worker_hangs: ['error', 'worker does not respond, killing it'],
  worker_not_reloaded: ['error', 'a worker did not reload'],
  worker_exited: ['warn', 'worker exited, restarting'],
  worker_not_removed: ['warn', 'removing an exited worker failed; it counts until its lease expires'],
} as const

export type CommandLogEvent = keyof typeof logEvents

export const log = eventLog(logEvents)
