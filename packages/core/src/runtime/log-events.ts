import { eventLog } from './event-log.js'

/** The events that core logs. docs/ERRORS.md has a remedy for each. */
const logEvents = {
  engine_outage_began: ['warn', 'engine unreachable, serving local counts'],
  engine_outage_goes_on: ['warn', 'engine still unreachable'],
  engine_outage_ended: ['info', 'engine reachable again'],
  replica_lost: ['warn', 'engine lost this replica, committing everything again'],
  watch_failed: ['warn', 'reading the counts of a topic failed, retrying'],
  unwatch_failed: ['warn', 'unsubscribe failed'],
} as const

export type CoreLogEvent = keyof typeof logEvents

export const log = eventLog(logEvents)
