import type { MiddlewareHandler } from 'hono'
import { type HttpEnv, problem } from './problem.js'

export interface MemoryOptions {
  /** Whether there is too little memory for a response. A refusal is counted and logged. */
  refusesForMemory(): boolean
}

/** Refuses requests while memory is short. */
export function requireMemory({ refusesForMemory }: MemoryOptions): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!refusesForMemory()) return next()
    c.header('Retry-After', '5')
    return problem(c, 'overloaded', 'the server has too little memory now')
  }
}
