import type { Logger } from './logger.js'

/** The events that a package logs: the level and the message of each. */
export type LogEvents = Readonly<Record<string, readonly [level: 'info' | 'warn' | 'error', message: string]>>

/** Logs an event of a table. Its name is the field `event`, which stays the same when the message changes. */
export function eventLog<const E extends LogEvents>(events: E) {
  return (logger: Pick<Logger, E[keyof E][0]>, event: keyof E, fields: object = {}): void => {
    const [level, message] = events[event]!
    ;(logger as Logger)[level]({ event, ...fields }, message)
  }
}
