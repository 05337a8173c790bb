import type { Logger } from '@headcount/core'
import { pino } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** A logger whose level can be changed. */
export interface LevelLogger extends Logger {
  level: string
}

/**
 * The logger of `headcount serve`: one JSON object per line, with times in ISO 8601.
 * @param fields are on every line.
 * @param to receives each line. Default: standard error, so that standard output stays free for people.
 */
export function lineLogger(
  level: (typeof logLevels)[number],
  fields: object = {},
  to: { write(line: string): void } = pino.destination(2),
): LevelLogger {
  const timestamp = pino.stdTimeFunctions.isoTime
  return pino({ level, base: fields, timestamp, formatters: { level: (label) => ({ level: label }) } }, to)
}
