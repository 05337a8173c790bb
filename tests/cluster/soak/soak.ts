import { pause, random } from '@headcount/testing'
import { metric } from '@headcount/tools/processes/metrics.mjs'
import { Cluster } from '../../support/cluster.js'
import { faultsOf, inflict, pickFaults } from './faults.js'
import { SoakClients } from './soak-clients.js'

export interface SoakOptions {
  readonly seed: number
  readonly minutes: number
  readonly replicas: number
  readonly topics: number
  readonly clients: number
  /** In ms. */
  readonly lease: number
  log(line: string): void
}

export interface SoakReport {
  readonly rounds: number
  /** The longest time from a healed fault until all counts were correct, in ms. */
  readonly slowest: number
  readonly faults: readonly string[]
}

/** Of the topics `people:…`, in ms. */
const settle = 400
/** The time, in ms, that one machine needs for all processes and clients in addition to a lease. */
const slack = 1_500

/**
 * Rounds of churn with random faults. After each, every client must show the truth within a lease. In the end all
 * clients leave, and Redis must be empty.
 * @throws when a round does not converge; the error names the seed, the round and its faults.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, minutes, replicas, topics, clients: size, lease, log } = options
  const config = { topics: ['room:*', { pattern: 'people:*', unit: 'people', settle }] }
  const cluster = new Cluster({ replicas, lease, config })
  const clients = new SoakClients({ clients: size, topics, urls: () => cluster.urls, seeded: random(seed) })
  const seeded = random(seed + 1)
  let slowest = 0
  let rounds = 0
  try {
    await cluster.start()
    const start = performance.now()
    const deadline = start + minutes * 60_000
    do {
      const faults = rounds === 0 ? [] : pickFaults(seeded, faultsOf(cluster))
      const names = faults.map(({ name }) => name).join(' and ') || 'no fault'
      rounds += 1
      clients.start()
      await pause(rounds === 1 ? 3_000 : 1_000 + seeded.below(1_000))
      await inflict(faults, seeded, lease)
      const healed = performance.now()
      await pause(seeded.below(500))
      await clients.stop()
      try {
        await clients.converge(lease + settle + slack)
      } catch (error) {
        const round = `seed ${seed}, round ${rounds} (${names})`
        throw new Error(`${round}: ${(error as Error).message}\n${await diagnose(cluster, clients)}`)
      }
      const took = performance.now() - healed
      slowest = Math.max(slowest, took)
      const seconds = Math.round((healed - start) / 1000)
      log(`soak ${seconds} s: ${names}; ${clients.joined} clients converged ${Math.round(took)} ms after it`)
      if (clients.faults.length > 0) break
    } while (performance.now() < deadline)
    const memory = await Promise.all(cluster.urls.map((url) => metric(url, 'process_resident_memory_bytes')))
    log(`soak: replicas use ${memory.map((bytes) => Math.round(bytes / 2 ** 20)).join(', ')} MB`)
    clients.drop()
    await cluster.empty()
    return { rounds, slowest, faults: clients.faults }
  } finally {
    clients.drop()
    await cluster.stop()
  }
}

/** Whether the counts become correct later, and the state and the log of each replica. */
async function diagnose(cluster: Cluster, clients: SoakClients): Promise<string> {
  const later = await clients.converge(20_000).then(
    () => 'It converged later.',
    (error: Error) => `It did not converge later: ${error.message}`,
  )
  const states = cluster.servers.map(async (server, i) => {
    const ready = await fetch(`${server.url}/readyz`).then((response) => response.text(), String)
    return `replica ${i}: ${ready}\n${server.output.slice(-1_500)}`
  })
  return [later, ...(await Promise.all(states))].join('\n')
}
