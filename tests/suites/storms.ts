import { randomInt } from 'node:crypto'
import { Crowd, type StormReport, storm } from '@headcount/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'

export interface StormsOptions {
  /** Servers that count as one: clients take them in turn, and another one when they come back. */
  urls(): readonly string[]
  tokenOf(user: string): string
  readonly clients: number
  /** How many storms, each of another seed. */
  readonly runs: number
  /** Over how many processes the clients are dealt: 1 unless given. */
  readonly processes?: number
  /** Called before a storm; what it gives is called with what came of it. */
  around?(topic: string): (report: StormReport) => unknown
}

/** Storms over topics `storm:…`, each of another seed. To see one again: `STORM_SEED=1234`. */
export function storms({ urls, tokenOf, clients, runs, processes = 1, around }: StormsOptions): void {
  const seeds = process.env.STORM_SEED?.split(',').map(Number) ?? Array.from({ length: runs }, () => randomInt(2 ** 31))
  let crowd: Crowd
  beforeAll(async () => {
    crowd = await Crowd.start(processes)
  })
  afterAll(() => crowd.stop())

  it.each(seeds.map((seed, run) => [seed, run]))(
    'leaves everyone with exactly the truth, seed %i',
    async (seed, run) => {
      const topic = `storm:${run}`
      const after = around?.(topic)
      const report = await storm({ urls: urls(), crowd, seed, clients, topic, tokenOf })
      const { truth, sight, told } = report
      expect(sight.faults).toEqual([])
      expect(sight.wrong).toEqual([])
      expect(told).toEqual(urls().map(() => truth))
      expect(sight.inside).toBeGreaterThan(clients / 2)
      await after?.(report)
    },
    60_000,
  )
}
