import { fstatSync } from 'node:fs'
import type { Logger } from '@headcount/core'
import { pino } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** A logger whose level can be changed. */
export interface LevelLogger extends Logger {
  level: string
}

/** Maximum number of characters that wait until they can be written. */
const maxWaiting = 65_536

/** While nothing can be written, as to a full disk, lines wait, and the oldest of them are written later. */
function standardError(): { write(line: string): unknown } {
  const stats = fstatSync(2)
  if (stats.isFIFO() || stats.isSocket()) return pipeOf(process.stderr)
  // Without `sync` pino would try to write the rest at the exit, for ever.
  return pino.destination({ dest: 2, sync: true, maxLength: maxWaiting }).on('error', () => {})
}

/** Writes that do not wait: a pipe that is full would stop the process until its reader reads again. */
function pipeOf(stream: NodeJS.WriteStream & PipeStream): { write(line: string): void } {
  return {
    write(line) {
      if (stream.writableLength >= maxWaiting) return
      // Node makes a pipe blocking when it exits, also for the other processes that share it.
      stream._handle?.setBlocking?.(false)
      stream.write(line)
    },
  }
}

/** Not part of Node's types. */
interface PipeStream {
  readonly _handle?: { setBlocking?(isBlocking: boolean): void } | null
}

/**
 * The logger of `headcount serve`: one JSON object per line, with times in ISO 8601.
 * @param fields of every line.
 * @param to receives each line. Default: standard error, so that standard output stays free for people.
 */
export function lineLogger(
  level: (typeof logLevels)[number],
  fields: object = {},
  to: { write(line: string): unknown } = standardError(),
): LevelLogger {
  const timestamp = pino.stdTimeFunctions.isoTime
  return pino({ level, base: fields, timestamp, formatters: { level: (label) => ({ level: label }) } }, to)
}
