import { createClient } from '@redis/client'

const channel = 'headcount-demo:replicas'
/** How often a replica announces itself, and when a silent one is shown as silent and removed, in ms. */
const announceInterval = 1_000
const silentAfter = 3_000
const removedAfter = 60_000

/**
 * The announcement of a replica.
 *
 * @typedef {{ readonly name: string, readonly state: 'up' | 'draining' | 'stopped', readonly sockets: number }} Replica
 *
 * One replica's view of the cluster: the replicas that announced themselves in the last minute, by name. A replica that
 * did not announce itself for 3 s is silent: killed, paused or cut off. Redis is unreachable if this replica does not
 * receive its own announcements.
 *
 * @typedef {object} ClusterView
 * @property {'up' | 'unreachable'} redis
 * @property {readonly (Omit<Replica, 'state'> & { readonly state: Replica['state'] | 'silent' })[]} replicas
 */

/** The replicas of a cluster, from their announcements. */
export class ReplicaTable {
  /** @type {Map<string, { replica: Replica, at: number }>} */
  #rows = new Map()

  /** @param {Replica} replica @param {number} now In ms. */
  receive(replica, now) {
    this.#rows.set(replica.name, { replica, at: now })
  }

  /** @param {Replica} own This replica. @param {number} now In ms. @returns {ClusterView} */
  view(own, now) {
    const age = (/** @type {{ at: number }} */ { at }) => now - at
    const ownRow = this.#rows.get(own.name)
    const others = [...this.#rows.values()]
      .filter((row) => row !== ownRow && age(row) < removedAfter)
      .map((row) => {
        const isSilent = age(row) >= silentAfter && row.replica.state !== 'stopped'
        return isSilent ? { ...row.replica, state: /** @type {const} */ ('silent') } : row.replica
      })
    return {
      redis: ownRow === undefined || age(ownRow) >= silentAfter ? 'unreachable' : 'up',
      replicas: [own, ...others].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    }
  }
}

/**
 * Announces this replica over Redis once a second, and receives the announcements of others.
 *
 * @param {{ url: string, name: string, sockets: () => Promise<number> }} options
 */
export async function joinReplicas({ url, name, sockets }) {
  const publisher = createClient({ url, disableOfflineQueue: true })
  const subscriber = publisher.duplicate({ disableOfflineQueue: false })
  const table = new ReplicaTable()
  /** @type {Replica} */
  let own = { name, state: 'up', sockets: 0 }
  // Both reconnect by themselves; until then the table shows silence.
  for (const client of [publisher, subscriber]) client.on('error', () => {})
  await Promise.all([publisher.connect(), subscriber.connect()])
  await subscriber.subscribe(channel, (text) => table.receive(JSON.parse(text), Date.now()))

  const announce = async (state = own.state) => {
    own = { name, state, sockets: await sockets() }
    await publisher.publish(channel, JSON.stringify(own)).catch(() => {})
  }
  await announce()
  const timer = setInterval(() => void announce(), announceInterval)

  return {
    view: () => table.view(own, Date.now()),
    drain: () => announce('draining'),
    async stop() {
      clearInterval(timer)
      await announce('stopped')
      publisher.destroy()
      subscriber.destroy()
    },
  }
}
