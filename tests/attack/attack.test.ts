import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Attacker } from '../../bench/attacks/attacker.mjs'
import { attacks } from '../../bench/attacks/attacks.mjs'
import { maxGrowth, startBystanders } from '../../bench/attacks/bystanders.mjs'
import { fuzz } from '../../bench/attacks/fuzz.mjs'

/** `FUZZ_SEED=1234` repeats a run. */
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))

/** The attacks on one server run one after another: most of their time is the wait until it has recovered. */
const servers = [0, 1, 2] as const

/** The last attack on server 0, and on server 1. */
const loads: readonly [name: string, run: (port: number) => Promise<{ unanswered: number }>][] = [
  [
    'all attacks at once',
    async (port) => {
      await Promise.all(attacks.map(({ run }) => run(new Attacker(port, 3, 0.05))))
      return { unanswered: 0 }
    },
  ],
  [`20,000 fuzzed frames of seed ${seed}`, (port) => fuzz({ port, seed, total: 20_000, atOnce: 50 })],
]

describe.concurrent.each(servers)('server %i', (server) => {
  let bystanders: Awaited<ReturnType<typeof startBystanders>>
  beforeAll(async () => {
    bystanders = await startBystanders({ topics: 3 })
  })
  afterAll(() => bystanders.stop())

  it.sequential.each(attacks.filter((_, i) => i % servers.length === server))(
    'others keep exact counts during an attack: $name',
    async ({ run }) => {
      const { problems, joins } = await bystanders.notice((port) => run(new Attacker(port, 0.3, 0.2)))
      expect(problems).toEqual([])
      expect(joins).toBeGreaterThan(0)
    },
  )

  it.sequential.each(loads.slice(server, server + 1))(
    'others keep exact counts during %s, and the server leaks no memory',
    async (_, run) => {
      const before = await bystanders.memory()
      const { problems, result } = await bystanders.notice(run)
      expect(problems).toEqual([])
      expect(result.unanswered).toBe(0)
      expect((await bystanders.memory()).heap).toBeLessThan(maxGrowth * before.heap)
    },
    60_000,
  )
})
