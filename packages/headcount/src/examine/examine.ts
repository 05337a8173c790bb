import { randomUUID } from 'node:crypto'
import { random } from '@headcount/testing'
import { Crowd, type CrowdOptions } from './crowd.js'
import { type Scenario, scenarios } from './scenarios.js'

/** How right the clients of a scenario were in the end. */
export interface Verdict {
  readonly scenario: string
  readonly about: string
  /** Clients that were joined in the end: the number that each should show. */
  readonly joined: number
  /** Those that showed another number. */
  readonly wrong: number
  /** What one of the wrong ones showed; null: nothing. Undefined where none was wrong. */
  readonly shown?: number | null
}

export interface Examination extends Omit<CrowdOptions, 'topic' | 'random'> {
  /** Start of the topics: each scenario has one of its own. */
  readonly topic: string
  readonly clients: number
  readonly seed: number
  /** Names of scenarios; all where it is undefined. */
  readonly only: readonly string[] | undefined
}

/**
 * Yields a verdict after each scenario.
 * @throws where a scenario is unknown, and where the server refuses a connection or a join.
 */
export async function* examine(examination: Examination): AsyncGenerator<Verdict> {
  const { clients, seed, topic, only, ...options } = examination
  const names = scenarios.map(({ name }) => name)
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`expected a scenario (${names.join(', ')}), got ${unknown}`)
  // A run before this one may have left people behind in its topics, which is for it to report.
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
