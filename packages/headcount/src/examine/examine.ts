import { randomUUID } from 'node:crypto'
import { random } from '@headcount/testing'
import { Crowd, type CrowdOptions } from './crowd.js'
import { type Scenario, scenarios } from './scenarios.js'

/** The result of a scenario. */
export interface Verdict {
  readonly scenario: string
  readonly about: string
  /** The clients joined at the end: the number that each should show. */
  readonly joined: number
  /** The clients that showed another number. */
  readonly wrong: number
  /** The number that one of them showed; null: none. Undefined if none was wrong. */
  readonly shown?: number | null
}

export interface Examination extends Omit<CrowdOptions, 'topic' | 'random'> {
  /** Prefix of the topics, one for each scenario. */
  readonly topic: string
  readonly clients: number
  readonly seed: number
  /** Names of scenarios; undefined for all. */
  readonly only: readonly string[] | undefined
}

/**
 * Yields a verdict after each scenario.
 * @throws if a scenario is unknown, or the server refuses a connection or a join.
 */
export async function* examine(examination: Examination): AsyncGenerator<Verdict> {
  const { clients, seed, topic, only, ...options } = examination
  const names = scenarios.map(({ name }) => name)
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`expected a scenario (${names.join(', ')}), got ${unknown}`)
  // A previous run may have left presences in its topics, which that run reports.
  const id = randomUUID().slice(0, 8)
  for (const [i, scenario] of scenarios.entries()) {
    if (only?.includes(scenario.name) === false) continue
    const crowd = new Crowd({ ...options, topic: `${topic}-${id}-${i}`, random: random(seed + i) })
    yield await verdictOn(scenario, crowd, clients)
  }
}

async function verdictOn({ name, about, run }: Scenario, crowd: Crowd, size: number): Promise<Verdict> {
  const clients = await crowd.open(size)
  try {
    await run(crowd, clients)
    await crowd.quiet()
    const [one, ...others] = crowd.wrong()
    const verdict = { scenario: name, about, joined: crowd.inside.size }
    if (one === undefined) return { ...verdict, wrong: 0 }
    return { ...verdict, wrong: 1 + others.length, shown: crowd.totalOf(one) ?? null }
  } finally {
    for (const client of clients) client.drop()
  }
}
