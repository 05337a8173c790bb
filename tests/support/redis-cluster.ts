import { afterAll, beforeAll, vi } from 'vitest'
import { freePorts } from './port.mjs'
import { RedisServer, redisCli } from './redis.js'

export interface RedisClusterOptions {
  readonly masters?: number
  readonly replicasPerMaster?: number
  /** How long, in ms, a master may be silent before a replica takes its place. */
  readonly nodeTimeout?: number
}

/** A real Redis Cluster of its own: by default three masters with a replica each, all on 127.0.0.1. */
export class RedisCluster {
  readonly #options: Required<RedisClusterOptions>
  #nodes: readonly RedisServer[] = []

  constructor({ masters = 3, replicasPerMaster = 1, nodeTimeout = 2000 }: RedisClusterOptions = {}) {
    this.#options = { masters, replicasPerMaster, nodeTimeout }
  }

  /** Every node, masters and replicas; none before the start. */
  get nodes(): readonly RedisServer[] {
    return this.#nodes
  }

  /** The nodes' addresses, comma-separated as `--redis` takes them. */
  get url(): string {
    return this.#nodes.map((node) => node.url).join(',')
  }

  /** Starts the nodes and makes them one cluster; when this resolves each slot is served and each replica follows. */
  async start(): Promise<void> {
    const { masters, replicasPerMaster, nodeTimeout } = this.#options
    const count = masters * (1 + replicasPerMaster)
    const ports = await freePorts(2 * count)
    this.#nodes = ports.slice(0, count).map((port, index) => {
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(ports[count + index])]
      return new RedisServer({ port, args: [...args, '--cluster-node-timeout', String(nodeTimeout)] })
    })
    await Promise.all(this.#nodes.map((node) => node.start()))
    const addresses = this.#nodes.map((node) => `127.0.0.1:${node.port}`)
    const flags = ['--cluster-replicas', String(replicasPerMaster), '--cluster-yes']
    await redisCli('--cluster', 'create', ...addresses, ...flags)
    await this.settle()
  }

  /**
   * Waits until every node that answers at all says that all slots are served, and follows its master.
   * @throws where that is not so within `within` ms.
   */
  async settle({ within = 30_000 } = {}): Promise<void> {
    await vi.waitFor(
      async () => {
        const living = this.#nodes.filter((node) => node.running)
        const bad = (await Promise.all(living.map(trouble))).filter((line) => line !== undefined)
        if (bad.length > 0) throw new Error(`expected a cluster that has settled, got ${bad.join('; ')}`)
      },
      { timeout: within, interval: 100 },
    )
  }

  /** The node that now serves a key's slot, as a living node tells it. */
  async masterOf(key: string): Promise<RedisServer> {
    const teller = this.#nodes.find((node) => node.running)
    if (teller === undefined) throw new Error('expected a node that runs, got none')
    const slot = Number(await teller.ask('CLUSTER', 'KEYSLOT', key))
    const slots = JSON.parse(await teller.ask('--json', 'CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
    const port = slots.find(([first, last]) => first <= slot && slot <= last)?.[2][1]
    const master = this.#nodes.find((node) => node.port === port)
    if (master === undefined) throw new Error(`expected a master for slot ${slot}, got none`)
    return master
  }

  /** Ends every node and removes their folders. */
  async remove(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.remove()))
    this.#nodes = []
  }
}

/** A Redis Cluster for the tests of this `describe`: started before them and removed after them. See `describeWith`. */
export function withRedisCluster(options?: RedisClusterOptions): RedisCluster {
  const cluster = new RedisCluster(options)
  beforeAll(() => cluster.start(), 90_000)
  afterAll(() => cluster.remove())
  return cluster
}

/** What keeps one node from being settled. */
async function trouble(node: RedisServer): Promise<string | undefined> {
  const state = await node.ask('CLUSTER', 'INFO')
  if (!state.includes('cluster_state:ok')) return `cluster_state:fail on ${node.port}`
  const replication = await node.ask('INFO', 'replication')
  if (replication.includes('master_link_status:down')) return `${node.port} without its master`
  return undefined
}
