import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tokenFor, until } from '@headcount/testing'
import { afterAll, beforeAll } from 'vitest'
import { type RedisProxy, startProxy } from '../redis/proxy.js'
import { RedisServer } from '../support/redis.js'
import { type HeadcountServer, startServer } from '../support/server.mjs'

export interface ClusterOptions {
  /** How many processes: 3 unless given. */
  readonly replicas?: number
  /** In ms: the default of the program unless given. */
  readonly lease?: number
  /** What stands in the config file: topics, limits. */
  readonly config?: object
}

/** What keys people of the clusters of tests, and what signs their tokens. */
const secret = 'planted-secret-of-people-0123456789'
export const jwtSecret = 'planted-secret-of-tokens-0123456789'
export const tokenOf = (user: string) => tokenFor(jwtSecret, user)

/** A Redis of its own and processes of `headcount serve --redis`, each behind a proxy to Redis that may be cut. */
export class Cluster {
  readonly redis = new RedisServer()
  readonly #o: ClusterOptions
  #servers: HeadcountServer[] = []
  #proxies: RedisProxy[] = []
  #folder = ''

  constructor(options: ClusterOptions = {}) {
    this.#o = options
  }

  get servers(): readonly HeadcountServer[] {
    return this.#servers
  }

  /** `http://127.0.0.1:4321`, of each replica. */
  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url)
  }

  /** What stands between a replica and Redis. */
  proxy(index: number): RedisProxy {
    return this.#proxies[index]!
  }

  async start(): Promise<void> {
    const { replicas = 3, config = {} } = this.#o
    this.#folder = await mkdtemp(join(tmpdir(), 'headcount-cluster-'))
    await writeFile(join(this.#folder, 'headcount.config.json'), JSON.stringify(config))
    await this.redis.start()
    // One after another: a busy machine starts one quicker than three at a time.
    for (let i = 0; i < replicas; i++) await this.add()
  }

  /** One more replica. */
  async add(): Promise<HeadcountServer> {
    const proxy = await startProxy(this.redis.port)
    const lease = this.#o.lease === undefined ? [] : ['--lease', String(this.#o.lease)]
    const file = join(this.#folder, 'headcount.config.json')
    const server = await startServer(['--redis', proxy.url, '--config', file, ...lease], {
      HEADCOUNT_JWT_SECRET: jwtSecret,
      HEADCOUNT_SECRET: secret,
    })
    this.#proxies.push(proxy)
    this.#servers.push(server)
    return server
  }

  /** Ends all, and waits for its end. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()))
    await this.redis.remove()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** All keys that are in Redis. */
  async keys(): Promise<string[]> {
    const keys = await this.redis.ask('--raw', 'KEYS', '*')
    return keys === '' ? [] : keys.split('\n')
  }

  /** Waits until nobody has left anything behind. */
  async empty(): Promise<void> {
    await until('an empty Redis', async () => (await this.redis.ask('DBSIZE')) === '0', {
      within: 15_000,
      got: () => 'keys',
    })
  }
}

/** A cluster for the tests of this `describe`: started before them and stopped after them. See `describeWith`. */
export function withCluster(options?: ClusterOptions): Cluster {
  const cluster = new Cluster(options)
  beforeAll(() => cluster.start(), 60_000)
  afterAll(() => cluster.stop(), 60_000)
  return cluster
}

/** One figure of a replica's metrics. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}
