import { eventLog } from '@headcount/core'

/** The events that the engine logs. docs/ERRORS.md has a remedy for each. */
const logEvents = {
  connect_retrying: ['warn', 'cannot connect to Redis, retrying'],
  replica_joined: ['info', 'replica joined the cluster'],
  subscribe_outage_began: ['warn', 'subscriptions to Redis lost, retrying'],
  subscribe_outage_goes_on: ['warn', 'subscriptions to Redis still lost, retrying'],
  subscribe_outage_ended: ['info', 'subscribed again'],
  replica_expired: ['info', 'replica expired'],
  replica_crashed: ['info', 'replica expired: its process exited'],
  foreign_key: ['warn', 'topic not committed: its key is not a hash'],
  foreign_message: ['warn', 'message dropped: expected a version and totals'],
  close_failed: ['warn', 'Redis unreachable at close'],
} as const

export type RedisLogEvent = keyof typeof logEvents

export const log = eventLog(logEvents)
