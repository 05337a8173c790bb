import type { Logger } from '@headcount/core'

/** A logger whose every line says which worker it is of. */
export function loggerOf(worker: number, logger: Logger): Logger {
  const at =
    (level: keyof Logger): Logger[keyof Logger] =>
    (fields, message) =>
      logger[level]({ worker, ...fields }, message)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
