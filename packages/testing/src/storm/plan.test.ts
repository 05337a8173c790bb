import { describe, expect, it } from 'vitest'
import { planStorm } from './plan.js'

describe('planStorm', () => {
  it('plans the same storm for the same seed, and another for another', () => {
    expect(planStorm(7, 100)).toEqual(planStorm(7, 100))
    expect(planStorm(7, 100)).not.toEqual(planStorm(8, 100))
  })

  it('lets everyone join within a second, each act come after the one before, and every act happen', () => {
    const { clients } = planStorm(1, 500)
    const seen = new Set<string>()
    for (const { acts } of clients) {
      expect(acts[0]!.at).toBeLessThan(1000)
      for (const [i, { at, act }] of acts.entries()) {
        if (i > 0) expect(at).toBeGreaterThan(acts[i - 1]!.at)
        seen.add(act)
      }
    }
    const every = ['close', 'drop', 'join', 'join-again', 'leave', 'leave-and-join', 'observe', 'reset']
    expect([...seen].sort()).toEqual(every)
  })

  it('knows the truth: those whose last act has them in the topic, and who does not only observe', () => {
    const { clients, truth } = planStorm(2, 300)
    const last = clients.filter(({ acts }) => /^(join|join-again|leave-and-join)$/.test(acts.at(-1)!.act))
    const users = last.filter(({ user }) => user !== null)
    expect(truth).toEqual({ users: { count: users.length }, viewers: { count: last.length - users.length } })
    expect(users.length).toBeGreaterThan(20)
  })
})
