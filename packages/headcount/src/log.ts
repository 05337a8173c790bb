import type { Logger } from '@headcount/core'
import { pino } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

/**
 * The logger of `headcount serve`: one JSON object per line, with times in ISO 8601.
 * @param to receives each line whole. Standard error by default, so that standard output stays free for people.
 */
export function lineLogger(level: LogLevel = 'info', to: { write(line: string): void } = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  )
}
