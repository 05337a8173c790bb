import type { Clock } from '@headcount/core'
import { RedisEngineError } from './error.js'

/**
 * What `promise` brings, if it does so within `ms`.
 * @throws {RedisEngineError} `unreachable` otherwise. The promise goes on all the same.
 */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  let undo = () => {}
  const late = new Promise<never>((_, reject) => {
    undo = clock.after(ms, () => {
      reject(new RedisEngineError('unreachable', `expected an answer of Redis within ${Math.round(ms)} ms, got none`))
    })
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    undo()
  }
}
