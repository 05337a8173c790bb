import { until } from '@headcount/testing'
import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { startProxy, type TcpProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { afterAll, beforeAll } from 'vitest'

export interface ClusterOptions {
  /** 3 by default. */
  readonly replicas?: number
  /** In ms. Default: that of the command. */
  readonly lease?: number
  /** Content of the config file: topics, limits. */
  readonly config?: object
}

/** Secrets of every cluster of the tests. */
export const jwtSecret = 'planted-secret-of-tokens-0123456789'
const peopleSecret = 'planted-secret-of-people-0123456789'
export const tokenOf = (user: string) => tokenFor(jwtSecret, user)

/** A Redis server and several `headcount serve --redis`, each connected to Redis through a separate proxy. */
export class Cluster {
  redis!: RedisServer
  readonly servers: HeadcountServer[] = []
  /** `proxies[i]` is between `servers[i]` and Redis. */
  readonly proxies: TcpProxy[] = []

  constructor(private readonly options: ClusterOptions = {}) {}

  get urls(): readonly string[] {
    return this.servers.map(({ url }) => url)
  }

  async start(): Promise<void> {
    const { replicas = 3 } = this.options
    this.redis = await startRedis()
    // One after another: on two processors that is quicker than all at once.
    for (let i = 0; i < replicas; i++) await this.add()
  }

  async add(): Promise<HeadcountServer> {
    const { lease, config = {} } = this.options
    const proxy = await startProxy(this.redis.port)
    this.proxies.push(proxy)
    const server = await startServer(
      ['--redis', proxy.redisUrl, '--drain-over', '0', ...(lease === undefined ? [] : ['--lease', String(lease)])],
      { config, env: { HEADCOUNT_JWT_SECRET: jwtSecret, HEADCOUNT_SECRET: peopleSecret } },
    )
    this.servers.push(server)
    return server
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()))
    await Promise.all(this.proxies.map((proxy) => proxy.stop()))
    await this.redis?.remove()
  }

  /** Waits until Redis has only the keys of the running replicas: their leases, and the cluster's settings. */
  async empty(): Promise<void> {
    const keys = async () => {
      const all = (await this.redis.command('KEYS', '*')).split('\n')
      return all.filter((key) => key !== '' && !/:(leases|settings)$/.test(key))
    }
    let left: readonly string[] = []
    const isEmpty = async () => {
      left = await keys()
      if (left.length > 0 && performance.now() > last) left = await Promise.all(left.map(contentOf))
      return left.length === 0
    }
    const contentOf = async (key: string) => {
      const [ttl, fields] = [await this.redis.command('PTTL', key), await this.redis.command('HGETALL', key)]
      return `${key} for ${ttl} ms: ${fields.replaceAll('\n', ' ')}`
    }
    const within = 15_000
    const last = performance.now() + 0.9 * within
    await until('no keys of topics', isEmpty, { within, got: () => left.slice(0, 5).join('; ') })
  }
}

/** A cluster for the tests of this `describe`: started before them and stopped after them. */
export function withCluster(options?: ClusterOptions): Cluster {
  const cluster = new Cluster(options)
  beforeAll(() => cluster.start(), 60_000)
  afterAll(() => cluster.stop(), 60_000)
  return cluster
}
