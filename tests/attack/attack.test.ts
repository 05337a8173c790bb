import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Attacker } from '../../bench/attacks/attacker.mjs'
import { attacks } from '../../bench/attacks/attacks.mjs'
import { maxGrowth, startBystanders } from '../../bench/attacks/bystanders.mjs'
import { fuzz } from '../../bench/attacks/fuzz.mjs'

/** `FUZZ_SEED=1234` repeats a run. */
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))

/** Attacks take turns on each: most of their time goes into waiting until a server is rid of one. */
const servers = [0, 1, 2] as const

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

  if (server === 0)
    it.sequential('others keep exact counts during all attacks at once, and the server leaks no memory', async () => {
      const before = await bystanders.memory()
      const all = (port: number) => Promise.all(attacks.map(({ run }) => run(new Attacker(port, 3, 0.05))))
      const { problems } = await bystanders.notice(all)
      expect(problems).toEqual([])
      expect((await bystanders.memory()).heap).toBeLessThan(maxGrowth * before.heap)
    })

  if (server === 1)
    it.sequential(
      `others keep exact counts during 20,000 fuzzed frames, and the server leaks no memory (seed ${seed})`,
      async () => {
        const before = await bystanders.memory()
        const fuzzed = (port: number) => fuzz({ port, seed, total: 20_000, atOnce: 50 })
        const { problems, result } = await bystanders.notice(fuzzed)
        expect(problems).toEqual([])
        expect(result.unanswered).toBe(0)
        expect((await bystanders.memory()).heap).toBeLessThan(maxGrowth * before.heap)
      },
      60_000,
    )
})
