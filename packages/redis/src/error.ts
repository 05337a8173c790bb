/**
 * What went wrong:
 * - `bad_option`: an option of `redisEngine` is not what it may be.
 * - `unreachable`: Redis did not answer, or not in time, or said no.
 * - `closed`: the engine is not open.
 */
export type RedisEngineErrorCode = 'bad_option' | 'unreachable' | 'closed'

/** Anything that this package throws on purpose. The message reads "expected …, got …" and never holds a secret. */
export class RedisEngineError extends Error {
  override readonly name = 'RedisEngineError'
  constructor(
    readonly code: RedisEngineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Says of any failure of a command that the cluster could not be told. */
export function unreachable(cause: unknown): RedisEngineError {
  if (cause instanceof RedisEngineError) return cause
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new RedisEngineError('unreachable', `expected an answer of Redis, got: ${reason}`, { cause })
}
