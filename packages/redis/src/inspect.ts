import { defaultLease } from '@headcount/core'
import type { RedisClientLike, RedisClusterLike } from './commands.js'
import { connect } from './connect.js'
import { unreachable } from './errors.js'
import { type RedisEngineOptions, resolveOptions } from './options.js'

/** Properties of a Redis server. */
export interface RedisFacts {
  /** `Redis 7.0.15`, `Valkey 8.1.0`. Undefined if the user may not send INFO. */
  readonly version: string | undefined
  readonly isCluster: boolean
  /** `maxmemory-policy`: anything but `noeviction` may remove counts. Undefined if the user may not ask. */
  readonly evictionPolicy: string | undefined
  /** How long a command takes, in ms. */
  readonly latency: number
  /** How far its clock is ahead of ours, in ms. */
  readonly clockAhead: number
}

/** Reads the properties of a Redis before it is used. @throws {RedisEngineError} `unreachable`, `no_permission`. */
export async function inspectRedis(from: RedisClientLike | RedisClusterLike | RedisEngineOptions): Promise<RedisFacts> {
  const options = resolveOptions(from)
  const { commands, cluster } = await connect(options, defaultLease)
  const send = (...args: string[]) => commands.send(`{${options.prefix}}`, args)
  try {
    const start = performance.now()
    const time = (await send('TIME')) as [string, string]
    const latency = performance.now() - start
    const info = String(await send('INFO').catch(() => ''))
    const fieldOf = (name: string): string | undefined => new RegExp(`^${name}:(.+?)\r?$`, 'm').exec(info)?.[1]
    const [valkey, redis] = [fieldOf('valkey_version'), fieldOf('redis_version')]
    return {
      version: valkey === undefined ? redis && `Redis ${redis}` : `Valkey ${valkey}`,
      isCluster: cluster,
      evictionPolicy: fieldOf('maxmemory_policy'),
      latency,
      clockAhead: Number(time[0]) * 1000 + Number(time[1]) / 1000 - (Date.now() - latency / 2),
    }
  } catch (error) {
    throw unreachable(error)
  } finally {
    commands.close()
  }
}
