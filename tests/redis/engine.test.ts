import { eachEngineCheck } from '@headcount/testing/engine'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/redis.js'
import { redisEngines } from './engines.js'

describeWith('redis', 'over Redis', () => {
  const redis = withRedis()
  eachEngineCheck(async () => redisEngines(redis, 1_000), { runs: 5, length: 30 })
})
