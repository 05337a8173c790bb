import type { Engine } from '@headcount/core'
import type { RedisClientLike, RedisClusterLike } from './commands.js'
import { RedisEngine } from './engine.js'
import { type RedisEngineOptions, resolveOptions } from './options.js'

export type { RedisClientLike, RedisClusterLike } from './commands.js'
export { RedisEngineError, type RedisEngineErrorCode } from './errors.js'
export { expireReplica } from './expire-replica.js'
export { inspectRedis, type RedisFacts } from './inspect.js'
export type { RedisLogEvent } from './log-events.js'
export type { RedisEngineOptions } from './options.js'

/**
 * Makes an engine that merges the counts of many replicas over Redis, Valkey or Redis Cluster.
 * @param from a connected client of node-redis, or options.
 * @throws {RedisEngineError} `bad_option`. `open` throws `unreachable` if no Redis answers.
 */
export function redisEngine(from: RedisClientLike | RedisClusterLike | RedisEngineOptions): Required<Engine> {
  return new RedisEngine(resolveOptions(from))
}
