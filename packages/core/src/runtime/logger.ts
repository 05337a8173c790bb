/**
 * The server's logger: a pino logger, or any object of the same shape.
 *
 * No field or message ever holds a user's id, a token, a client id or a person's key, so there is nothing to redact.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
