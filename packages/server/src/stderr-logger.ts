import type { Logger } from '@headcount/core'

/** Writes warnings and errors to stderr, one line each. Discards the rest. */
export const stderrLogger: Logger = { debug() {}, info() {}, warn: write, error: write }

function write(fields: object, message: string): void {
  const details = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`
  process.stderr.write(`headcount: ${message}${details}\n`, ignoreError)
}

/** As `console` does: an application whose disk is full lives on. */
function ignoreError(error?: Error | null): void {
  const { stderr } = process
  if (error && stderr.listenerCount('error') === 0) stderr.once('error', () => {})
}
