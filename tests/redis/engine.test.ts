import { engineSuite } from '@headcount/testing/engine'
import { describe } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withRedis, withRedisCluster } from '../support/with-redis.js'
import { redisClusterEngines, redisEngines } from './engines.js'

describe.concurrent('the Redis engine', () => {
  describeWith('redis', 'over Redis', () => {
    const redis = withRedis()
    engineSuite(async () => redisEngines(redis(), 1_500), { runs: 5, length: 30 })
  })

  describeWith('redis', 'over a Redis Cluster', () => {
    const cluster = withRedisCluster()
    engineSuite(async () => redisClusterEngines(cluster(), 2_000), { faults: ['crash'], runs: 3, length: 20 })
  })
})
