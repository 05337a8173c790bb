import type { Engine } from '@headcount/core'
import { RedisEngine } from './engine.js'
import type { RedisClientLike, RedisClusterLike } from './link.js'
import { optionsOf, type RedisEngineOptions } from './options.js'

export { RedisEngineError, type RedisEngineErrorCode } from './error.js'
export { forgetReplica } from './forget-replica.js'
export type { RedisClientLike, RedisClusterLike, RedisNodeLike } from './link.js'
export type { RedisEngineOptions } from './options.js'

/**
 * The engine of a cluster of many replicas over Redis, Valkey or Redis Cluster.
 * @param from a connected client of node-redis that stays yours, or options.
 * @throws {RedisEngineError} `bad_option`. `open` throws `unreachable` where no Redis answers.
 */
export function redisEngine(from: RedisClientLike | RedisClusterLike | RedisEngineOptions): Engine {
  return new RedisEngine(optionsOf(from))
}
