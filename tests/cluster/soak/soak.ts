import { pause, random } from '@headcount/testing'
import { Cluster, metric } from '../cluster.js'
import { SoakCrowd } from './crowd.js'
import { befall, faultsOf, pick } from './faults.js'

export interface SoakOptions {
  readonly seed: number
  readonly minutes: number
  readonly replicas: number
  readonly topics: number
  readonly clients: number
  /** In ms. */
  readonly lease: number
  say(line: string): void
}

export interface SoakReport {
  readonly rounds: number
  /** The longest, in ms, from the end of a healing until everyone was right. */
  readonly slowest: number
  readonly faults: readonly string[]
}

/** In ms: how long people of `people:…` are held. */
const grace = 400
/** What the machine may take on top of a lease, in ms: all processes and all clients share it. */
const slack = 1_500

/**
 * Rounds of clients that come and go while something breaks and is mended; after each, everyone must show the truth
 * within a lease. In the end all leave, and Redis must be empty.
 * @throws where somebody does not; the error names the seed, the round and what befell.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, minutes, replicas, topics, clients, lease, say } = options
  const config = { topics: ['room:*', { pattern: 'people:*', unit: 'people', grace }] }
  const cluster = new Cluster({ replicas, lease, config })
  const crowd = new SoakCrowd({ clients, topics, urls: () => cluster.urls, dice: random(seed) })
  const dice = random(seed + 1)
  let slowest = 0
  let rounds = 0
  try {
    await cluster.start()
    const begun = performance.now()
    const deadline = begun + minutes * 60_000
    do {
      const faults = rounds === 0 ? [] : pick(dice, faultsOf(cluster))
      const names = faults.map(({ name }) => name).join(' and ') || 'calm'
      rounds += 1
      crowd.go()
      await pause(rounds === 1 ? 3_000 : 1_000 + dice.below(1_000))
      await befall(faults, dice, lease)
      const healed = performance.now()
      await pause(dice.below(500))
      await crowd.stop()
      const settled = performance.now()
      try {
        await crowd.right(lease + grace + slack)
      } catch (error) {
        throw new Error(
          `seed ${seed}, round ${rounds} (${names}): ${(error as Error).message}\n${await aftermath(cluster, crowd)}`,
        )
      }
      const took = performance.now() - healed
      slowest = Math.max(slowest, took)
      const clock = Math.round((healed - begun) / 1000)
      say(
        `soak ${clock} s: ${names}; ${crowd.size} clients all right ${Math.round(performance.now() - settled)} ms ` +
          `after their last act, ${Math.round(took)} ms after the healing`,
      )
      if (crowd.faults.length > 0) break
    } while (performance.now() < deadline)
    const memory = await Promise.all(cluster.urls.map((url) => metric(url, 'process_resident_memory_bytes')))
    say(`soak: replicas hold ${memory.map((bytes) => Math.round(bytes / 2 ** 20)).join(', ')} MB`)
    crowd.end()
    await cluster.empty()
    return { rounds, slowest, faults: crowd.faults }
  } finally {
    crowd.end()
    await cluster.stop()
  }
}

/** Whether it came right later on, and what each replica has to say of itself. */
async function aftermath(cluster: Cluster, crowd: SoakCrowd): Promise<string> {
  const later = await crowd.right(20_000).then(
    () => 'It came right later.',
    (error: Error) => `It did not come right: ${error.message}`,
  )
  const words = cluster.servers.map(async (server, i) => {
    const ready = await fetch(`${server.url}/readyz`).then(
      (answer) => answer.text(),
      (error) => String(error),
    )
    return `replica ${i}: ${ready}\n${server.output.slice(-1_500)}`
  })
  return [later, ...(await Promise.all(words))].join('\n')
}
