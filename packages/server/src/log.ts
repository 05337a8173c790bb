import { pino } from 'pino'

/**
 * Where the server says what happens. A pino logger is one, and so is anything of the same shape.
 *
 * Nothing that is passed here ever holds a user's id, a token, a client id or a person's key, so there is nothing to
 * redact: keep it so.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * The logger of `headcount serve`: one JSON object a line, with times in ISO 8601.
 * @param to takes each line whole; standard error unless given, so that standard output stays a person's.
 */
export function lineLogger(
  level: LogLevel = 'info',
  to: { write(line: string): void } = pino.destination(2),
): Logger {
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
