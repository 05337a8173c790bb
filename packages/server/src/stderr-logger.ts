import type { Logger } from '@headcount/core'

/** Writes warnings and errors to stderr, one line each. Discards the rest. */
export const stderrLogger: Logger = { debug() {}, info() {}, warn: write, error: write }

function write(fields: object, message: string): void {
  const details = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`
  process.stderr.write(`headcount: ${message}${details}\n`)
}
