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

  /** Others keep exact counts during a load, and the server leaks no memory. @returns the result of the load. */
  async function endure<R>(load: (port: number) => Promise<R>): Promise<R> {
    const before = await bystanders.memory()
    const { problems, result } = await bystanders.notice(load)
    expect(problems).toEqual([])
    expect((await bystanders.memory()).heap).toBeLessThan(maxGrowth * before.heap)
    return result
  }

  if (server === 0)
    it.sequential('others keep exact counts during all attacks at once, and the server leaks no memory', async () => {
      await endure((port) => Promise.all(attacks.map(({ run }) => run(new Attacker(port, 3, 0.05)))))
    })

  const frames = `20,000 fuzzed frames of seed ${seed}`
  if (server === 1)
    it.sequential(`others keep exact counts during ${frames}, and the server leaks no memory`, async () => {
      const { unanswered } = await endure((port) => fuzz({ port, seed, total: 20_000, atOnce: 50 }))
      expect(unanswered).toBe(0)
    }, 60_000)
})
