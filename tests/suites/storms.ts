import { randomInt } from 'node:crypto'
import type { Counts } from '@headcount/protocol'
import { pause, sameCounts, until } from '@headcount/testing'
import { Fleet } from '@headcount/tools/load/fleet.mjs'
import type { Sight } from '@headcount/tools/load/scripted-client.mjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planStorm, type StormOptions } from './storm-plan.js'

export interface StormsOptions extends Pick<StormOptions, 'clients' | 'tokenOf' | 'polls'> {
  /** Servers of one cluster: clients are spread over them, and reconnect to another one. */
  urls(): readonly string[]
  /** The number of storms, each with a different seed. */
  readonly runs: number
  /** Called before a storm; the returned function is called after it. */
  around?(topic: string): (report: { sight: Sight; took: number }) => unknown
}

/** How long, in ms, nothing may change after all counts are correct: several flush intervals. */
const quiet = 250

/** Storms over topics `storm:…`. `STORM_SEED=1234` repeats one. */
export function storms({ urls, tokenOf, clients, runs, polls = false, around }: StormsOptions): void {
  const seeds = process.env.STORM_SEED?.split(',').map(Number) ?? Array.from({ length: runs }, () => randomInt(2 ** 31))
  let fleet: Fleet
  beforeAll(() => {
    fleet = new Fleet()
  })
  afterAll(() => fleet.stop())

  it.each(seeds.map((seed, run) => [seed, run]))(
    'leaves every client with exactly the true counts, seed %i',
    async (seed, run) => {
      const topic = `storm:${polls ? 'polled ' : ''}${run}`
      const { scripts, truth } = planStorm({ seed, clients, topic, urls: urls(), tokenOf, polls })
      const after = around?.(topic)
      const start = performance.now()
      try {
        await fleet.run(scripts)
        await fleet.settle()
        const served = () => Promise.all(urls().map((url) => countsAt(url, topic)))
        const isRight = async () => {
          if (!(await served()).every((counts) => sameCounts(counts, truth))) return false
          return (await fleet.look(truth)).wrong.length === 0
        }
        // On timeout, wrong counts fail below.
        await until('the truth everywhere', isRight).catch(() => {})
        await pause(quiet)
        const sight = await fleet.look(truth)
        expect(sight.faults).toEqual([])
        expect(sight.wrong).toEqual([])
        expect(await served()).toEqual(urls().map(() => truth))
        expect(sight.inside).toBeGreaterThan(clients / 2)
        await after?.({ sight, took: performance.now() - start })
      } finally {
        await fleet.clear()
      }
    },
    60_000,
  )
}

async function countsAt(url: string, topic: string): Promise<Counts> {
  const response = await fetch(`${url}/api/counts/${encodeURIComponent(topic)}`)
  return ((await response.json()) as { counts: Counts }).counts
}
