import { redisEngine } from '@headcount/redis'
import type { EngineCluster, EngineReplica } from '@headcount/testing/engine'
import type { RedisServer } from '../support/redis.js'
import { type RedisProxy, startProxy } from './proxy.js'

let clusters = 0

/** Replicas over a real Redis, each behind a proxy of its own that does what befalls it. */
export function redisEngines(redis: RedisServer, lease: number): EngineCluster {
  const prefix = `check-${++clusters}:`
  const proxies: RedisProxy[] = []
  return {
    lease,
    replica: async () => {
      const proxy = await startProxy(redis.port)
      proxies.push(proxy)
      return fallible(proxy, prefix, lease)
    },
    lapse: () => new Promise((resolve) => setTimeout(resolve, lease)),
    size: async () => {
      const keys = await redis.ask('--raw', 'KEYS', `${prefix}*`)
      return keys === '' ? 0 : keys.split('\n').length
    },
    end: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()))
    },
  }
}

function fallible(proxy: RedisProxy, prefix: string, lease: number): EngineReplica {
  return {
    engine: redisEngine({ urls: [proxy.url], prefix, lease }),
    crash: async () => proxy.kill(),
    pause: async () => proxy.hold(),
    resume: async () => proxy.heal(),
    partition: async () => proxy.cut(),
    heal: async () => proxy.heal(),
  }
}
