import { errorText } from '@headcount/core'

/**
 * - `bad_option`: an option of `redisEngine` is invalid.
 * - `unreachable`: Redis did not answer in time, or answered with an error.
 * - `no_permission`: the Redis user lacks a permission, or Redis a command; the message names what is missing.
 * - `mismatch`: the running replicas have other groups, or another version; the message has both.
 * - `closed`: the engine was closed, or never opened.
 */
export type RedisEngineErrorCode = 'bad_option' | 'unreachable' | 'no_permission' | 'mismatch' | 'closed'

/** Every error that this package throws on purpose. The message never holds a password. */
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

/** Wraps any failure of a command. */
export function unreachable(cause: unknown): RedisEngineError {
  if (cause instanceof RedisEngineError) return cause
  return new RedisEngineError('unreachable', `Redis: ${errorText(cause)}`, { cause })
}
