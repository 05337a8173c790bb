import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { type RedisCluster, startRedisCluster } from '@headcount/tools/processes/redis-cluster.mjs'
import { afterAll, beforeAll } from 'vitest'

/** A Redis server for the tests of this `describe`: started before them and removed after them. */
export function withRedis(args?: readonly string[]): () => RedisServer {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis(args)
  })
  afterAll(() => redis?.remove())
  return () => redis
}

/** The same for a Redis Cluster. */
export function withRedisCluster(options?: { nodeTimeout?: number }): () => RedisCluster {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster(options)
  }, 90_000)
  afterAll(() => cluster?.remove())
  return () => cluster
}
