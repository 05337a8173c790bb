import type { Clock } from '@headcount/core'
import { RedisEngineError } from './errors.js'

/**
 * Settles as `promise` does, if that takes no longer than `ms`.
 * @throws {RedisEngineError} `unreachable` on timeout. The promise itself is not cancelled.
 */
export async function withTimeout<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  let cancel = () => {}
  const timeout = new Promise<never>((_, reject) => {
    const error = new RedisEngineError('unreachable', `no answer from Redis within ${Math.round(ms)} ms`)
    cancel = clock.after(ms, () => reject(error))
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    cancel()
  }
}
